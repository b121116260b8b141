import { CHECK_IDS, type CheckId } from "../../orchestrator/plan/plan.ts";
import { pictureOf } from "./pictures.ts";
import { svgOf } from "./svg.tsx";

/** Where the picture of a check is, in a checkout. */
export function pictureFile(id: CheckId): string {
  return `docs/checks/${id}.svg`;
}

/** Every picture by its file, as the code draws it now. */
export function drawnPictures(): ReadonlyMap<string, string> {
  return new Map(
    CHECK_IDS.map((id) => [pictureFile(id), svgOf(`A recorded upgrade that ${id} does not pass`, pictureOf(id))]),
  );
}
