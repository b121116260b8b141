/** What `zerodrop/k6` is in a script of the user's, once it is bundled. zerodrop-k6.d.ts says what it promises. */
import { LoadClient as Whole } from "./load-client.ts";
import type { LoadClient as Promised } from "./zerodrop-k6.d.ts";

export const LoadClient: typeof Promised = Whole;
