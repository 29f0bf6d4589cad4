/** Puts the page together. */

import "maplibre-gl/dist/maplibre-gl.css";
import "./style.css";
import { h } from "./dom";
import { Explorer } from "./explorer";
import { Grids } from "./grids";
import { Payload } from "./payload";
import * as scene from "./scene";
import { cards, sections } from "./sections";

declare global {
  interface Window {
    cellwrightPayload: Promise<ArrayBuffer>;
    /** True once the map has drawn everything; for those who drive the page from outside. */
    cellwrightReady?: boolean;
    cellwright?: Explorer;
  }
}

async function start(): Promise<void> {
  const payload = new Payload(await window.cellwrightPayload);
  const { head } = payload;
  const grids = new Grids(payload);
  const explorer = new Explorer(payload, grids, { buildings: scene.buildings(payload), streets: scene.streets(payload) });
  const parts = sections(head, (site) => explorer.fly(site));
  const links = [{ id: "map", title: "Map" }, ...parts].map(({ id, title }) => h("li", {}, h("a", { href: `#${id}` }, title.split(/[:,]/)[0]!)));
  for (const link of links)
    link.firstElementChild!.addEventListener("click", (event) => {
      // the address keeps the state of the map, so the jump is made by hand
      event.preventDefault();
      document.getElementById((link.firstElementChild as HTMLAnchorElement).hash.slice(1))?.scrollIntoView({ block: "start" });
    });
  const beside = head.pages.map(({ title, file }) => h("li", {}, h("a", { href: file }, title)));
  const headline = head.summaries["headline"];
  document.getElementById("page")!.replaceChildren(
    h("a", { class: "skip", href: "#speed" }, "Skip the map"),
    h("header", { class: "masthead" }, h("div", {}, h("p", { class: "place" }, eyebrow(head)), h("h1", {}, head.title), typeof headline === "string" && h("p", { class: "headline" }, headline))),
    h("nav", { "aria-label": "Sections" }, h("ul", {}, ...links, ...beside)),
    h("main", {}, cards(head), h("section", { id: "map", "aria-label": "Map" }, explorer.element), ...parts.map((part) => part.element)),
    h("footer", {}, h("p", {}, "Map data: ", head.area.attributions.join(" · "), "."), h("p", {}, "Made with Cellwright. Drawn with MapLibre GL JS (BSD-3-Clause); the licences of bundled software are in the source of this page. Nothing is loaded from a network.")),
  );
  window.cellwright = explorer;
  explorer.start();
  await explorer.drawn;
  window.cellwrightReady = true;
  document.documentElement.dataset["ready"] = "true";
}

/** What the page is; the area's name where the title does not say it. */
function eyebrow({ area, title }: Payload["head"]): string {
  return area.name === title ? "Pilot 5G network" : `Pilot 5G network · ${area.name}`;
}

start().catch((fault: Error) => {
  document.getElementById("page")!.replaceChildren(h("p", { class: "message", role: "alert" }, `This report could not be shown: ${fault.message}.`));
  throw fault;
});
