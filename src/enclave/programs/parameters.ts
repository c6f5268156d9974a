import { z } from "zod";

/** Numbers, and lists of them, by names that every program can spell. */
export const parametersForm = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,63}$/),
  z.union([z.number(), z.array(z.number())]),
);
