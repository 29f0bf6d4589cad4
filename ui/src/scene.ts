/** Shapes for the map: from packed numbers to GeoJSON. */

import type { Feature, FeatureCollection, Position } from "geojson";
import type { Head, Payload } from "./payload";

export function buildings(payload: Payload): FeatureCollection {
  const [x, y] = [payload.deltas("building_x"), payload.deltas("building_y")];
  const points = payload.deltas("building_points");
  const rings = payload.deltas("building_rings");
  const parts = payload.deltas("building_parts");
  const heights = payload.deltas("building_height_dm");
  const floors = payload.deltas("building_floors");
  const place = placer(payload.head, x, y);
  let [point, ring, part] = [0, 0, 0];
  const features: Feature[] = [];
  for (let building = 0; building < parts.length; building++) {
    const polygons: Position[][][] = [];
    for (let p = 0; p < parts[building]!; p++, part++) {
      const polygon: Position[][] = [];
      for (let r = 0; r < rings[part]!; r++, ring++) {
        const line = Array.from({ length: points[ring]! }, () => place(point++));
        polygon.push([...line, line[0]!]);
      }
      polygons.push(polygon);
    }
    features.push({
      type: "Feature",
      id: building + 1,
      geometry: { type: "MultiPolygon", coordinates: polygons },
      properties: { height: heights[building]! / 10, floors: floors[building]! },
    });
  }
  return { type: "FeatureCollection", features };
}

export function streets(payload: Payload): FeatureCollection {
  const place = placer(payload.head, payload.deltas("street_x"), payload.deltas("street_y"));
  const points = payload.deltas("street_points");
  const filled = payload.deltas("street_filled");
  const widths = payload.deltas("street_width_m");
  const names = payload.deltas("street_name");
  let point = 0;
  const features: Feature[] = [];
  for (let i = 0; i < points.length; i++) {
    const line = Array.from({ length: points[i]! }, () => place(point++));
    features.push({
      type: "Feature",
      geometry: filled[i]
        ? { type: "Polygon", coordinates: [line] }
        : { type: "LineString", coordinates: line },
      properties: {
        width: Math.max(2.5, widths[i]!),
        name: names[i] ? payload.head.streets.names[names[i]! - 1]! : "",
      },
    });
  }
  return { type: "FeatureCollection", features };
}

export function boundary(head: Head): FeatureCollection {
  const features = head.area.boundary.map(
    (ring): Feature => ({
      type: "Feature",
      geometry: { type: "LineString", coordinates: ring },
      properties: {},
    }),
  );
  return { type: "FeatureCollection", features };
}

export function sectors(head: Head): FeatureCollection {
  // 4G and 5G share sectors: drawn once
  const distinct = new Map(head.network.cells.map((cell) => [String(cell.wedge), cell]));
  const features = [...distinct.values()].map(
    (cell): Feature => ({
      type: "Feature",
      geometry: { type: "Polygon", coordinates: [cell.wedge] },
      properties: { site: cell.site_id, cell: cell.cell_id },
    }),
  );
  return { type: "FeatureCollection", features };
}

export function sites(head: Head): FeatureCollection {
  const built = new Set(head.network.cells.map((cell) => cell.site_id));
  const features = head.network.sites.map(
    (site): Feature => ({
      type: "Feature",
      geometry: { type: "Point", coordinates: [site.lon, site.lat] },
      properties: {
        id: site.site_id,
        status: site.status,
        built: built.has(site.site_id),
        label: (site["name"] as string) || site.site_id,
      },
    }),
  );
  return { type: "FeatureCollection", features };
}

function placer(head: Head, x: Int32Array, y: Int32Array): (i: number) => Position {
  const { origin, step } = head.buildings;
  return (i) => [origin[0] + x[i]! * step, origin[1] + y[i]! * step];
}
