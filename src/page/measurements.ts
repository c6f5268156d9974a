import { z } from "zod";

import { forms } from "../forms.ts";

/** Letters, digits and what stands between them in names, such as "Sample enclave 1.4 (simulated)": nothing that could hide or turn text around. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} .,:()_/+-]{0,59}$/u;

/**
 * What whoever serves the page calls programs, by MRENCLAVE, 32 bytes in hexadecimal, so that people recognise them. No chain says so: the page shows
 * a name beside its measurement, and whose word it is.
 */
export const measurementNames = z.record(
  forms.hash,
  z.string().regex(NAME, "not a name of up to 60 letters and digits"),
  { error: ({ code }) => (code === "invalid_key" ? "not 32 bytes in hexadecimal" : undefined) },
);
/** See {@link measurementNames}. */
export type MeasurementNames = z.infer<typeof measurementNames>;
