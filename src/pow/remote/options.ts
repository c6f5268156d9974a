/** Where NATS servers are, and how to get in. */
export interface NatsPlace {
  /**
   * One server, or several of one cluster separated by commas: `tls://HOST:PORT`, or without encryption `nats://HOST:PORT`. The port
   * is 4222 by default.
   */
  readonly servers: string;
  /** The file of what the server knows its user by; without it the server must let anybody in. */
  readonly credentials?: string | undefined;
  /** The file of the certificates that the server's one must come from; those that Node trusts by default. */
  readonly certificates?: string | undefined;
}

/** Where the workers of a node are found. */
export interface RemoteOptions extends NatsPlace {
  /** The node's id, by which workers and searches find each other. */
  readonly node: bigint;
  /** Seconds to wait for the first worker before it is said that there is none; 5 by default. */
  readonly patience?: number | undefined;
  /** Hears, in a clause each, of workers that join, are lost or slow, or are excluded. */
  readonly onNews?: ((news: string) => void) | undefined;
}

/** How options of a command may name a {@link NatsPlace}. */
export interface NatsArguments {
  readonly nats: string | undefined;
  readonly credentials: string | undefined;
  readonly certificates: string | undefined;
}

/**
 * What a command's options say about NATS, and where they say nothing, the variables `COMPUTING_POWER_NATS`,
 * `COMPUTING_POWER_NATS_CREDENTIALS` and `COMPUTING_POWER_NATS_CA` of its environment.
 *
 * @returns Nothing where neither names a server.
 */
export function natsPlace(
  { nats, credentials, certificates }: NatsArguments,
  environment: Readonly<Record<string, string | undefined>>,
): NatsPlace | undefined {
  const given = (option: string | undefined, variable: string): string | undefined => {
    const value = option ?? environment[variable];
    return value === "" ? undefined : value;
  };
  const servers = given(nats, "COMPUTING_POWER_NATS");
  if (servers === undefined) return undefined;
  return {
    servers,
    credentials: given(credentials, "COMPUTING_POWER_NATS_CREDENTIALS"),
    certificates: given(certificates, "COMPUTING_POWER_NATS_CA"),
  };
}
