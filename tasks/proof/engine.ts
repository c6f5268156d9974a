import { parseId, parseNumber } from "../support/inputs.ts";
import { tell } from "../support/terminal.ts";
import { InputError } from "../../src/inputError.ts";
import {
  createProver,
  type NativeOptions,
  natsPlace,
  type Prover,
  type ProverOptions,
  type RemoteOptions,
} from "../../src/pow/index.ts";

/** How the engine is to be, as it was typed. */
export interface EngineArguments {
  readonly engine: string;
  readonly threads: string | undefined;
  readonly niceness: string;
  readonly cpuShare: string;
  readonly native: string;
  readonly nativeFolder: string | undefined;
  readonly nats: string | undefined;
  readonly natsCredentials: string | undefined;
  readonly natsCa: string | undefined;
  /** The node whose workers search. */
  readonly node: string | undefined;
}

const NATIVE_USES = ["build", "load", "off"] as const;

function parseUse(text: string): NativeOptions["use"] {
  const use = NATIVE_USES.find((each) => each === text);
  if (use !== undefined) return use;
  throw new InputError(`"${text}" says nothing about native code`, `Give --native ${NATIVE_USES.join(", ")}.`);
}

/** Where workers on other machines are; nothing where no NATS server is named. What becomes of them is told on stderr. */
function remoteOptions({ nats, natsCredentials, natsCa, node }: EngineArguments): RemoteOptions | undefined {
  const place = natsPlace({ nats, credentials: natsCredentials, certificates: natsCa }, process.env);
  if (place === undefined) return undefined;
  if (node === undefined) throw new InputError("It is not said whose workers are meant", "Give --node as well.");
  const onNews = (news: string): void => {
    tell(`${news}.`);
  };
  return { ...place, node: parseId(node, "node"), onNews };
}

/** Reads how the engine is to be. */
export function engineOptions(args: EngineArguments): ProverOptions {
  return {
    engine: args.engine,
    threads: args.threads === undefined ? undefined : Number(parseNumber(args.threads, "number of threads", 1024n, 1n)),
    niceness: Number(parseNumber(args.niceness, "niceness", 19n)),
    cpuShare: Number(parseNumber(args.cpuShare, "percentage", 100n, 1n)) / 100,
    native: { use: parseUse(args.native), folder: args.nativeFolder },
    remote: remoteOptions(args),
  };
}

/** Works with a prover that is ready, and closes it after. */
export async function withProver<T>(options: ProverOptions, run: (prover: Prover) => Promise<T>): Promise<T> {
  const prover = await createProver(options);
  try {
    return await run(prover);
  } finally {
    await prover.close();
  }
}

/** What is reported of a prover: its engine, and which others it passed over. */
export function engineReport({
  engine,
  device,
  threads,
  refused,
}: Pick<Prover, "engine" | "device" | "threads" | "refused">) {
  const many = threads === 1 ? "1 thread" : `${String(threads)} threads`;
  return {
    data: { engine, device, threads, refused },
    rows: [
      ["Engine", `${engine} on ${device}, ${many}`] as const,
      ...refused.map(({ engine: other, reason }) => ["Not used", `${other}: ${reason}`] as const),
    ],
  };
}
