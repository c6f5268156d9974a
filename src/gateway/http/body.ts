import { bodyLimit } from "hono/body-limit";

import { Problem } from "../problems/problem.ts";

/** Refuses bodies that are longer than so many bytes, whatever they say of their length. */
export function limitBody(most: number) {
  return bodyLimit({
    maxSize: most,
    onError: () => {
      throw new Problem("body-too-large", `A body may have ${String(most)} bytes here`);
    },
  });
}
