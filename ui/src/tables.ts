/** Tables: sorted by a click on a heading, copied as CSV by a button. */

import { range } from "./charts";
import { h, number } from "./dom";
import type { Table, Value } from "./payload";

export interface TableOptions {
  onrow?: (row: Value[]) => void;
  heading?: boolean;
  level?: "h2" | "h3";
}

export function tableView(table: Table, options: TableOptions = {}): HTMLElement {
  const body = h("tbody");
  const spans = spanColumns(table);
  let rows = [...table.rows];
  const fill = () => body.replaceChildren(...rows.map((row) => bodyRow(table, row, spans, options)));
  const heads = table.columns.map((column, i) => {
    const button = h("button", { type: "button", title: column.meaning || undefined }, column.title, column.unit && h("span", { class: "unit" }, ` ${column.unit}`));
    const head = h("th", { scope: "col", class: column.numeric ? "numeric" : undefined }, button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      rows = [...table.rows].sort((a, b) => (up ? 1 : -1) * compare(a[i]!, b[i]!));
      fill();
    });
    return head;
  });
  fill();
  const top = h(
    "header", {},
    options.heading !== false && h(options.level ?? "h3", {}, table.title),
    h("button", { type: "button", class: "copy", onclick: (event: Event) => copy(csv(table, rows), event.currentTarget as HTMLElement) }, "Copy as CSV"),
  );
  const head = h("thead", {}, h("tr", {}, ...heads, spans && h("th", { scope: "col" }, "Range")));
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": table.title }, h("table", {}, head, body));
  return h("div", { class: "table", id: `table-${table.id}` }, top, table.rows.length ? scroll : h("p", { class: "note" }, "Nothing to show."));
}

export function csv(table: Table, rows: Value[][]): string {
  const cell = (value: Value) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [table.columns.map((column) => column.name), ...rows].map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

async function copy(text: string, button: HTMLElement): Promise<void> {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // a page opened from disk may not be allowed the clipboard: the old way always is
    const area = h("textarea", { class: "off" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = before), 1600);
}

function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

interface Spans {
  low: number;
  typical: number;
  high: number;
  most: number;
}

/** Tables with a low, a typical and a high column (the last such three) get a drawn range. */
function spanColumns(table: Table): Spans | null {
  const find = (word: string) => table.columns.findLastIndex((column) => column.numeric && column.name.startsWith(word));
  const [low, typical, high] = [find("low"), find("typical"), find("high")];
  if (low < 0 || typical < 0 || high < 0) return null;
  const most = Math.max(...table.rows.map((row) => Number(row[high] ?? 0)));
  return most > 0 ? { low, typical, high, most } : null;
}

function bodyRow(table: Table, row: Value[], spans: Spans | null, options: TableOptions): HTMLElement {
  const cells = row.map((value, i) => {
    const column = table.columns[i]!;
    const text = typeof value === "number" ? number(value, 4) : value === null ? "–" : String(value);
    return h("td", { class: column.numeric ? "numeric" : undefined }, text);
  });
  const drawn = spans && h("td", {}, range(Number(row[spans.low] ?? 0), Number(row[spans.typical] ?? 0), Number(row[spans.high] ?? 0), spans.most));
  const element = h("tr", {}, ...cells, drawn);
  if (options.onrow) {
    element.classList.add("link");
    element.tabIndex = 0;
    element.addEventListener("click", () => options.onrow!(row));
    element.addEventListener("keydown", (event) => event.key === "Enter" && options.onrow!(row));
  }
  return element;
}
