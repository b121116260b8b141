import { z } from "zod";
import type { KubeObject } from "../kube/kube.ts";

const ownersSchema = z.looseObject({
  ownerReferences: z
    .array(
      z.looseObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), controller: z.boolean().nullish() }),
    )
    .nullish(),
});

/** Whether an object is controlled by the RayService of that name in its namespace, as the operator's own objects say. */
export function isOwnedBy(object: KubeObject, rayService: string): boolean {
  const { ownerReferences } = ownersSchema.parse(object.metadata);
  return (ownerReferences ?? []).some(
    ({ apiVersion, kind, name, controller }) =>
      controller === true && kind === "RayService" && name === rayService && apiVersion.startsWith("ray.io/"),
  );
}

/** The one of these objects that the RayService controls; undefined where there is none. */
export function ownedBy(objects: readonly KubeObject[], rayService: string): KubeObject | undefined {
  return objects.find((object) => isOwnedBy(object, rayService));
}
