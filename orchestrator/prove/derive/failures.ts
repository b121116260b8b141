/** Requests that failed, as the clients' ledger tells them. */

/** There was no answer; k6's code of an error of the network. */
export const NO_ANSWER = { status: 0, errorCode: 1212, cluster: "", version: "", connection: "unknown" } as const;

/** There was one, which did not come from the application. */
export const NO_NAME = {
  status: 200,
  message: "the body does not name version, cluster and replica",
  cluster: "",
  version: "",
};
