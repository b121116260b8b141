import { readList, successBody } from "./answers.ts";
import type { HttpClient } from "./http.ts";
import { KubeError } from "./kube.ts";
import type { KindRef, KubeObject, Selector } from "./kube.ts";
import { collectionPath, query } from "./resources.ts";
import type { Resources } from "./resources.ts";

const PAGE = 500;

/**
 * Every selected object at one resourceVersion, read page by page. A continuation that has expired (410) begins the list
 * anew, once.
 */
export async function listAll(
  client: HttpClient,
  resources: Resources,
  kind: KindRef,
  selector: Selector,
  signal?: AbortSignal,
): Promise<{ items: KubeObject[]; resourceVersion: string }> {
  const what = `list of ${kind.kind}`;
  const path = collectionPath(await resources.of(kind, signal), selector.namespace);
  const page = async (next?: string): Promise<ReturnType<typeof readList>> => {
    const answer = await client.request({
      method: "GET",
      path:
        path +
        query({
          labelSelector: selector.labelSelector,
          fieldSelector: selector.fieldSelector,
          limit: PAGE,
          continue: next,
        }),
      timeoutMs: 30_000,
      ...(signal === undefined ? {} : { signal }),
    });
    return readList(successBody(answer, what), kind, what);
  };
  for (let attempt = 1; ; attempt += 1) {
    try {
      const items: KubeObject[] = [];
      let read = await page();
      items.push(...read.items);
      while (read.next !== undefined) {
        read = await page(read.next);
        items.push(...read.items);
      }
      return { items, resourceVersion: read.resourceVersion };
    } catch (error) {
      if (!(error instanceof KubeError && error.status === 410 && attempt === 1)) throw error;
    }
  }
}
