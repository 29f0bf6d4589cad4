/** The explorer: the map, its controls, the legend, the swipe and the read-out, around one state. */

import maplibregl from "maplibre-gl";
import { h } from "./dom";
import type { Grids, Place } from "./grids";
import { legend } from "./legend";
import { corners, frame, LayerMap, tie, type Shapes } from "./map";
import { layerOf, paint, ratsOf, variableOf, type View } from "./paint";
import type { Payload } from "./payload";
import { card, hint, pointAt, type Point } from "./readout";

export interface State {
  layer: string;
  /** `nr`, `lte`, or `swipe` for both side by side. */
  rat: string;
  place: Place;
  palette: string;
  solid: boolean;
  candidates: boolean;
}

const PLACE_WORDS: Record<string, string> = { outdoor: "Outdoors", indoor_ground: "Ground floor", indoor_top: "Top floor" };

export class Explorer {
  readonly element: HTMLElement;
  state: State;
  main: LayerMap | null = null;
  private beside: LayerMap | null = null;
  private untie: (() => void) | null = null;
  private readonly stage = h("div", { class: "stage" });
  private readonly left = h("div", { class: "map" });
  private readonly right = h("div", { class: "map beside", hidden: true });
  private readonly swipe = h("div", { class: "swipe", hidden: true });
  private readonly panel = h("div", { class: "panel" });
  private readonly legendBox = h("div", { class: "legend-box" });
  private readonly hintBox = h("div", { class: "hint", hidden: true });
  private readonly cardBox = h("div", { class: "card-box" });
  private markers: maplibregl.Marker[] = [];
  private point: Point | null = null;
  /** The site that was clicked, or nothing. */
  private site = "";
  private ready!: () => void;
  readonly drawn = new Promise<void>((done) => (this.ready = done));

  constructor(
    private readonly payload: Payload,
    private readonly grids: Grids,
    private readonly shapes: Shapes,
  ) {
    this.state = this.first();
    this.stage.append(this.left, this.right, this.swipe, this.hintBox, this.cardBox, this.credit());
    this.element = h("div", { class: "explorer" }, this.panel, this.stage);
    this.panel.append(this.controls(), this.legendBox);
    this.fillSwipe();
  }

  /** Start once the element stands in the document, so that the map knows its size. */
  start(): void {
    const gl = document.createElement("canvas").getContext("webgl2");
    if (!gl) return this.still();
    gl.getExtension("WEBGL_lose_context")?.loseContext();
    this.main = new LayerMap(this.left, this.payload, this.grids, this.shapes, this.viewOf(this.leftRat()), this.state.solid, this.tilted());
    const { map } = this.main;
    if (!this.state.solid) map.fitBounds(frame(this.payload.head), { padding: 24, animate: false });
    map.addControl(new maplibregl.NavigationControl({ visualizePitch: true }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ maxWidth: 110 }), "bottom-left");
    map.getCanvas().setAttribute("aria-label", "Map. Arrow keys move, plus and minus zoom, Enter reads the values at the centre.");
    this.listen(map);
    map.once("idle", () => this.ready());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      this.main?.recolour();
      this.beside?.recolour();
    });
    this.update();
  }

  set(change: Partial<State>): void {
    const before = this.state;
    this.state = this.allowed({ ...before, ...change });
    if (before.solid !== this.state.solid) this.turn();
    history.replaceState(null, "", "#" + new URLSearchParams({ layer: this.state.layer, show: this.state.rat, place: this.state.place, view: this.state.solid ? "3d" : "plan" }));
    this.update();
  }

  /** Move to a site and ring it. */
  fly(site: string): void {
    const found = this.payload.head.network.sites.find((one) => one.site_id === site);
    if (!found || !this.main) return;
    this.element.scrollIntoView({ block: "start", behavior: still() ? "auto" : "smooth" });
    const camera = { center: [found.lon, found.lat] as [number, number], zoom: 16.4 };
    if (still()) this.main.map.jumpTo(camera);
    else this.main.map.flyTo({ ...camera, duration: 1200 });
    this.main.select(site);
    this.beside?.select(site);
  }

  /** Pin the read-out to a place on earth. */
  read(lon: number, lat: number): void {
    this.point = pointAt(this.grids, lon, lat);
    this.pin();
    this.showCard();
  }

  /** Mark the point on every map, or nowhere. */
  private pin(): void {
    this.markers.forEach((marker) => marker.remove());
    const maps = this.point ? [this.main, this.beside] : [];
    this.markers = maps.flatMap((one) => one ? [new maplibregl.Marker({ element: h("div", { class: "pin" }) }).setLngLat(this.point!).addTo(one.map)] : []);
  }

  private first(): State {
    const { head } = this.payload;
    const asked = new URLSearchParams(location.hash.slice(1));
    const layer = head.layers.find((one) => one.name === asked.get("layer")) ?? head.layers.find((one) => one.name === "dl_mbps") ?? head.layers[0];
    if (!layer) throw new Error("the report holds no map layers");
    return this.allowed({
      layer: layer.name,
      rat: asked.get("show") ?? "nr",
      place: (asked.get("place") as Place) ?? "outdoor",
      palette: head.palette,
      solid: asked.get("view") !== "plan",
      candidates: false,
    });
  }

  /** The nearest state the report has maps for. */
  private allowed(state: State): State {
    const layer = layerOf(this.payload.head, state.layer);
    const rats = ratsOf(layer);
    const places = this.places(layer.name);
    const rat = state.rat === "swipe" ? state.rat : rats.includes(state.rat) || rats[0] === "ratio" ? state.rat : rats[0]!;
    return { ...state, layer: layer.name, rat, place: places.includes(state.place) ? state.place : places[0]! };
  }

  private places(name: string): Place[] {
    const layer = layerOf(this.payload.head, name);
    return (Object.keys(this.payload.head.places) as Place[]).filter((place) => layer.maps.some((variable) => ratsOf(layer).some((rat) => variable === variableOf(layer, rat, place))));
  }

  /** RATs on show, left one first. */
  private rats(): string[] {
    const rats = ratsOf(layerOf(this.payload.head, this.state.layer));
    if (rats[0] === "ratio") return ["ratio"];
    return this.state.rat === "swipe" && rats.length > 1 ? ["lte", "nr"] : [rats.includes(this.state.rat) ? this.state.rat : rats[0]!];
  }

  private leftRat(): string {
    return this.rats()[0]!;
  }

  private viewOf(rat: string): View {
    const { layer, place, palette } = this.state;
    return { layer, rat, place, palette };
  }

  private tilted() {
    if (!this.state.solid) return undefined;
    const [[west, south], [east, north]] = frame(this.payload.head);
    const box = this.left.getBoundingClientRect();
    const span = Math.max((east - west) / box.width, ((north - south) * 1.1) / box.height / Math.cos((south * Math.PI) / 180));
    return { center: [(west + east) / 2, (south + north) / 2 - (north - south) * 0.035] as [number, number], zoom: Math.log2(360 / 512 / span) + 0.26, pitch: 40, bearing: -12 };
  }

  private turn(): void {
    const { solid } = this.state;
    this.main?.solid(solid);
    this.beside?.solid(solid);
    const camera = solid ? { pitch: 40, bearing: -12 } : { pitch: 0, bearing: 0 };
    if (still()) this.main?.map.jumpTo(camera);
    else this.main?.map.easeTo({ ...camera, duration: 700 });
  }

  private update(): void {
    const rats = this.rats();
    this.main?.show(this.viewOf(rats[0]!));
    this.main?.candidates(this.state.candidates);
    this.besides(rats);
    this.legendBox.replaceChildren(legend(this.payload.head, this.viewOf(rats[0]!), rats));
    for (const input of this.panel.querySelectorAll<HTMLInputElement>("input[type=radio]"))
      input.checked = (this.state as unknown as Record<string, string>)[input.name] === input.value || (input.name === "solid" && (input.value === "true") === this.state.solid);
    const known = ratsOf(layerOf(this.payload.head, this.state.layer));
    const places = this.places(this.state.layer);
    this.able("place", (value) => places.includes(value as Place));
    this.able("rat", (value) => (value === "swipe" ? known.length > 1 : known.includes(value)));
    if (this.main === null) this.still();
    this.pin();
    this.showCard();
  }

  private able(name: string, yes: (value: string) => boolean): void {
    for (const input of this.panel.querySelectorAll<HTMLInputElement>(`input[name=${name}]`)) input.disabled = !yes(input.value);
  }

  /** Bring the second map up for a comparison, or take it away. */
  private besides(rats: string[]): void {
    const both = rats.length > 1 && this.main !== null;
    this.right.hidden = this.swipe.hidden = !both;
    if (!both) {
      this.untie?.();
      this.beside?.destroy();
      this.beside = this.untie = null;
      return;
    }
    const { map } = this.main!;
    if (!this.beside) {
      const camera = { center: map.getCenter(), zoom: map.getZoom(), pitch: map.getPitch(), bearing: map.getBearing() };
      this.beside = new LayerMap(this.right, this.payload, this.grids, this.shapes, this.viewOf(rats[1]!), this.state.solid, camera);
      this.listen(this.beside.map);
      this.untie = tie(map, this.beside.map);
    } else this.beside.show(this.viewOf(rats[1]!));
    this.beside.candidates(this.state.candidates);
    this.place(50);
  }

  private place(share: number): void {
    this.right.style.clipPath = `inset(0 0 0 ${share}%)`;
    this.swipe.style.setProperty("--at", `${share}%`);
  }

  private fillSwipe(): void {
    const { head } = this.payload;
    const slider = h("input", { type: "range", min: 0, max: 100, step: 0.5, value: 50, "aria-label": "Border between 4G and 5G" });
    slider.addEventListener("input", () => this.place(+slider.value));
    const grip = h("div", { class: "grip", "aria-hidden": "true" }, "⟨ ⟩");
    grip.addEventListener("pointerdown", (down) => {
      grip.setPointerCapture(down.pointerId);
      const move = (event: PointerEvent) => {
        const box = this.stage.getBoundingClientRect();
        slider.value = String(Math.min(100, Math.max(0, ((event.clientX - box.left) / box.width) * 100)));
        this.place(+slider.value);
      };
      grip.addEventListener("pointermove", move);
      grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
    });
    this.swipe.append(h("span", { class: "side one" }, head.rats["lte"] ?? "4G"), h("span", { class: "side two" }, head.rats["nr"] ?? "5G"), h("div", { class: "line" }), grip, slider);
    this.place(50);
  }

  private listen(map: maplibregl.Map): void {
    map.on("click", (event) => {
      const { x, y } = event.point;
      const near: [[number, number], [number, number]] = [[x - 6, y - 6], [x + 6, y + 6]];
      const hit = map.queryRenderedFeatures(near, { layers: ["sites", "candidates"] })[0];
      this.site = hit ? String(hit.properties["id"]) : "";
      this.main?.select(this.site);
      this.beside?.select(this.site);
      this.read(event.lngLat.lng, event.lngLat.lat);
    });
    map.on("mousemove", (event) => this.hover(event.point.x, event.point.y, event.lngLat));
    map.on("mouseout", () => (this.hintBox.hidden = true));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      const { lng, lat } = map.getCenter();
      this.site = "";
      this.read(lng, lat);
    });
  }

  private hover(x: number, y: number, at: maplibregl.LngLat): void {
    const point = pointAt(this.grids, at.lng, at.lat);
    const layer = layerOf(this.payload.head, this.state.layer);
    const known = ratsOf(layer);
    const rats = known[0] === "ratio" ? known : ["lte", "nr"].filter((rat) => known.includes(rat));
    const line = point && hint(this.payload.head, this.grids, layer, this.viewOf(this.leftRat()), rats, point);
    this.hintBox.hidden = !line;
    if (!line) return;
    this.hintBox.replaceChildren(line);
    const flip = x > this.stage.clientWidth - 220;
    this.hintBox.style.transform = `translate(${x + (flip ? -14 : 14)}px, ${y + 14}px)${flip ? " translateX(-100%)" : ""}`;
  }

  private showCard(): void {
    const close = () => {
      this.point = null;
      this.site = "";
      this.main?.select("");
      this.beside?.select("");
      this.pin();
      this.cardBox.replaceChildren();
    };
    // the card stands on the side where the point is not
    const x = this.point && this.main ? this.main.map.project([this.point.lon, this.point.lat]).x : 0;
    this.cardBox.classList.toggle("far", x < this.stage.clientWidth / 2);
    this.cardBox.replaceChildren(...(this.point ? [card(this.payload.head, this.grids, this.viewOf(this.leftRat()), this.point, close, this.site)] : []));
  }

  private controls(): HTMLElement {
    const { head } = this.payload;
    const layers = h("select", { id: "layer" }, ...head.layers.map((layer) => h("option", { value: layer.name, selected: layer.name === this.state.layer }, layer.title)));
    layers.addEventListener("change", () => this.set({ layer: layers.value }));
    const rats = ["lte", "nr"].filter((rat) => head.layers.some((layer) => ratsOf(layer).includes(rat)));
    const choices = rats.map((rat) => [rat, head.rats[rat]!] as const);
    if (rats.length > 1) choices.push(["swipe", "Swipe both"]);
    const places = Object.keys(head.places).map((place) => [place, PLACE_WORDS[place] ?? place] as const);
    const palette = h("select", { id: "palette" }, ...Object.keys(head.palettes).filter((name) => name !== "servers").map((name) => h("option", { value: name, selected: name === head.palette }, name)));
    palette.addEventListener("change", () => this.set({ palette: palette.value }));
    const candidates = h("input", { type: "checkbox", id: "candidates" });
    candidates.addEventListener("change", () => this.set({ candidates: candidates.checked }));
    return h(
      "form", { class: "controls", onsubmit: (event: Event) => event.preventDefault() },
      h("label", { class: "pick" }, h("span", {}, "Layer"), layers),
      this.segments("rat", "Network", choices, (value) => this.set({ rat: value })),
      this.segments("place", "Where the phone is", places, (value) => this.set({ place: value as Place })),
      this.segments("solid", "View", [["true", "3D"], ["false", "Plan"]], (value) => this.set({ solid: value === "true" })),
      h("div", { class: "row" }, h("label", { class: "pick small" }, h("span", {}, "Colours"), palette), h("label", { class: "check" }, candidates, "Sites not chosen")),
    );
  }

  private segments(name: string, title: string, choices: (readonly [string, string])[], choose: (value: string) => void): HTMLElement {
    const buttons = choices.map(([value, text]) => {
      const input = h("input", { type: "radio", name, value });
      input.addEventListener("change", () => choose(value));
      return h("label", {}, input, h("span", {}, text));
    });
    return h("fieldset", { class: "segments" }, h("legend", {}, title), h("div", {}, ...buttons));
  }

  private credit(): HTMLElement {
    return h("p", { class: "credit" }, [...this.payload.head.area.attributions, "MapLibre"].join(" · "));
  }

  /** Without WebGL: the layer as a flat picture, north roughly up. */
  private still(): void {
    const { head } = this.payload;
    const whole = h("canvas", { class: "still", role: "img", "aria-label": "The layer as a flat picture" });
    [whole.height, whole.width] = head.area.shape;
    const context = whole.getContext("2d")!;
    for (const tile of head.area.tiles) {
      const part = document.createElement("canvas");
      paint(part, tile, head, this.grids, this.viewOf(this.leftRat()));
      context.drawImage(part, tile.columns[0], tile.rows[0]);
    }
    whole.addEventListener("click", (event) => {
      const [nw, ne, , sw] = corners(head);
      const [u, v] = [event.offsetX / whole.clientWidth, event.offsetY / whole.clientHeight];
      this.read(nw[0] + u * (ne[0] - nw[0]) + v * (sw[0] - nw[0]), nw[1] + u * (ne[1] - nw[1]) + v * (sw[1] - nw[1]));
    });
    this.left.replaceChildren(whole, h("p", { class: "message" }, "This browser offers no WebGL, so the map is a flat picture. Everything else is complete."));
    this.left.classList.add("flat");
    this.ready();
  }
}

function still(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
