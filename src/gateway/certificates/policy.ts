import { z } from "zod";

const count = (most: number) => z.number().int().positive().default(most);

/** How the gateway gets certificates by ACME (RFC 8555). The limits stay below those of public CAs. */
export const acmePolicy = z.strictObject({
  /** The CA's directory. */
  directory: z.url({ protocol: /^https$/ }),
  /** E-mail addresses at which the CA reaches the provider. */
  contact: z.array(z.email()).default([]),
  /** That the provider agrees to the CA's terms of service: there is no account without. */
  termsAgreed: z
    .boolean()
    .refine((agreed) => agreed, "agree to the CA's terms of service with true, or leave `acme` out"),
  /** Port on which the gateway answers the CA (HTTP-01) and sends browsers to https. CAs ask at port 80. */
  httpPort: z.number().int().min(0).max(65_535).default(80),
  /** PEM file of the root by which a CA of one's own is trusted; the system's roots where it is left out. */
  root: z.string().min(1).optional(),
  /** Names of one order that get a certificate: its domains first, then the hosts of its services. */
  namesPerOrder: z.number().int().nonnegative().default(10),
  /** How many certificates are asked for at most, whether the CA gives them or not. */
  limits: z
    .strictObject({
      /** In an hour, for all names but the gateway's own host. */
      hour: count(40),
      /** In an hour, for the names of one order. */
      orderHour: count(5),
      /** In a week, for hosts below `applicationsHost`: they share one registered domain. */
      hostsWeek: count(40),
      /** In a week, of those that the CA gives for one and the same name. */
      nameWeek: count(4),
    })
    .prefault({}),
});

/** How the gateway gets certificates. */
export type AcmePolicy = Readonly<z.infer<typeof acmePolicy>>;
