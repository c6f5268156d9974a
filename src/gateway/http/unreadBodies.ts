import type { MiddlewareHandler } from "hono";

/** Ends what would be the body of an answer to HEAD, which nobody reads: so what it holds is given back, such as a file or a place among streams. */
export const unreadBodies: MiddlewareHandler = async (context, next) => {
  await next();
  if (context.req.method === "HEAD") await context.res.body?.cancel();
};
