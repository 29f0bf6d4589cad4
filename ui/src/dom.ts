/** Making elements, and printing numbers. */

type Child = Node | string | null | undefined | false;

/** Make an element with attributes (`class`, `aria-…`, `onclick`, …) and children. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, unknown> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  element.append(...children.filter((child): child is Node | string => !!child || child === ""));
  return element;
}

/** Make an SVG element. */
export function s(tag: string, attributes: Record<string, unknown> = {}, ...children: Child[]): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set(element, attributes);
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

function set(element: Element, attributes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** A number as a person reads it: grouped, with a real minus sign; `full` keeps trailing zeros. */
export function number(value: number, digits = 3, full = false): string {
  if (!Number.isFinite(value)) return "–";
  const text = Number.isInteger(value)
    ? value.toLocaleString("en")
    : value.toLocaleString("en", { maximumSignificantDigits: digits, minimumSignificantDigits: full ? digits : 1 });
  return text.replace("-", "−");
}

/** A value of a layer with its fixed digits; large ones lose theirs, small speeds gain some. */
export function reading(value: number, decimals: number, log = false): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1000) return number(value);
  if (log && value > 0 && value < 1) return number(value, 2);
  return value.toFixed(log && value >= 100 ? 0 : decimals).replace("-", "−").replace(/^−(0(\.0*)?)$/, "$1");
}

/** An amount: whole, grouped. */
export function amount(value: number): string {
  return Number.isFinite(value) ? Math.round(value).toLocaleString("en").replace("-", "−") : "–";
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return "–";
  const value = share * 100;
  if (value > 0 && value < 0.1) return "< 0.1";
  return value.toFixed(value < 10 || value > 99 ? 1 : 0).replace(/^100\.0$/, "100").replace(/^0\.0$/, "0");
}
