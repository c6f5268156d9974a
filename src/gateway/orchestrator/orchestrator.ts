import type { Deployment, OpenedSecrets } from "./application.ts";

/** How a workload is. */
export interface WorkloadStatus {
  readonly workload: string;
  readonly wanted: number;
  readonly ready: number;
  readonly restarts: number;
  /** Why it is not ready, such as "CrashLoopBackOff: exit code 1". */
  readonly reason: string | undefined;
}

/** What runs of an order. */
export interface ApplicationStatus {
  /** The revision that runs, as it was applied; undefined when nothing does. */
  readonly revision: string | undefined;
  readonly phase: "absent" | "starting" | "ready" | "failed" | "stopped" | "completed";
  readonly workloads: readonly WorkloadStatus[];
}

/** Where the gateway reaches a service's port. */
export interface Endpoint {
  readonly service: string;
  readonly port: number;
  readonly portName: string | undefined;
  readonly isPublic: boolean;
  /** Address and port to connect to, reachable by the gateway alone. */
  readonly host: string;
  readonly hostPort: number;
}

/** One line that a container wrote. */
export interface LogLine {
  /** Where reading goes on after this line, in all containers that there are: opaque, as long as they are many, and made when it is read. */
  readonly cursor: string;
  readonly workload: string;
  readonly container: string;
  /** Unix milliseconds. */
  readonly time: number;
  /** "stdout" where the engine does not say. */
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}

/** Something that happened to an application. */
export interface OrchestratorEvent {
  /** Unix milliseconds. */
  readonly time: number;
  readonly workload: string;
  readonly kind: "normal" | "warning";
  readonly reason: string;
  readonly detail: string;
}

/** What an order's containers have used. */
export interface Usage {
  /** Nanoseconds of CPU since the containers that run now started. */
  readonly cpuNanoseconds: bigint;
  /** Bytes of memory in use now. */
  readonly memory: number;
  /** Bytes received and sent since the containers that run now started; undefined where the driver cannot know. */
  readonly received: bigint | undefined;
  readonly sent: bigint | undefined;
  /** Share of GPU time in use now, 0 to 1 a GPU; undefined where unknown. */
  readonly gpu: number | undefined;
  /** Bytes that volumes, what containers have written besides, and their logs take now; undefined where the driver cannot know. */
  readonly disk: number | undefined;
}

/** What a driver finds running that bears this gateway's label. */
export interface Deployed {
  readonly order: number;
  readonly revision: string | undefined;
  readonly hasVolumes: boolean;
}

/** What one check of the surroundings found. */
export interface Finding {
  /** What was looked at, such as "podman". */
  readonly subject: string;
  readonly state: "ok" | "warning" | "failure";
  /** What was found, with the values. */
  readonly detail: string;
  /** What to do about it; undefined when all is well. */
  readonly remedy: string | undefined;
}

/** A refusal of the orchestrator that has a known cause. Anything else that a driver throws is its machine's failure, to be tried again. */
export class OrchestratorError extends Error {
  override readonly name = "OrchestratorError";
  /** `storage-full`, `unavailable`, and `image-unavailable` of a registry, may pass; the others are final. */
  readonly code:
    | "image-not-found"
    | "image-too-large"
    | "image-unavailable"
    | "quota-exceeded"
    | "refused"
    | "storage-full"
    | "unavailable";

  constructor(code: OrchestratorError["code"], detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.code = code;
  }
}

/** What the images of one application may take together. */
export interface ImageBudget {
  /** Bytes that are left, unpacked; whoever resolves an image takes from it. */
  left: number;
}

/** What a reader of logs wants. */
export interface LogQuery {
  /** Only of this workload. */
  readonly workload?: string;
  /** Only after the line with this cursor; the query must name the same workload as the one that gave it, or none as that did. */
  readonly after?: string;
  /** At most so many of the newest lines, then what follows. */
  readonly tail?: number;
  /** Whether to wait for further lines until `signal` aborts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
}

/**
 * A container engine, as the gateway sees it. All that a driver makes bears the gateway's label and the order's number, so that two gateways
 * on one host, and two orders of one gateway, never touch each other's. Every call may be repeated: after a crash the same call with the
 * same values leads to the same end.
 */
export interface Orchestrator {
  readonly kind: "podman" | "kubernetes";
  /** Looks at what the driver needs. */
  check(): Promise<readonly Finding[]>;
  /**
   * The digest of an image, `sha256:` and 64 hexadecimal digits; pulls it where the driver has to.
   *
   * @param budget That of the application that it is of; of its own when left out.
   * @throws {OrchestratorError} `image-not-found`, when neither the host nor its registries have it; `image-unavailable`, when its registry
   *   cannot be reached or fails; `image-too-large`, when it takes more than the budget has left.
   */
  resolveImage(reference: string, budget?: ImageBudget): Promise<string>;
  /** Whether the engine's disk has room for more than what is there. */
  hasRoom(): Promise<boolean>;
  /**
   * Removes images that the driver has pulled, and that nothing has used for some time.
   *
   * @param named Images by digest that may have to run again: they count as used.
   */
  pruneImages(named: readonly string[]): Promise<void>;
  /**
   * Makes what runs equal to a deployment: nothing if it already is; else replaces what differs, volumes staying as they are.
   *
   * It returns once that is under way; `status` says when it is ready. The old revision serves until the new one does, where both may run at
   * once. Secrets are looked at only when something is made: new ones for the same revision have no effect.
   *
   * @throws {OrchestratorError} When it is refused; half-made parts are gone then. When it is `unavailable`, some may be left: the next apply
   *   or removal of the order finds them.
   */
  apply(deployment: Deployment, secrets: OpenedSecrets): Promise<void>;
  /** How an order's application is now; cheap enough to be asked every second. */
  status(order: number): Promise<ApplicationStatus>;
  /**
   * Where the ports of an order's services are reached. A service may have several for one port: any of them will do. While a new revision is
   * not ready, they lead to the old one, where both run.
   */
  endpoints(order: number): Promise<readonly Endpoint[]>;
  /**
   * What an order's containers have written, oldest first.
   *
   * @throws {OrchestratorError} `refused`, for a cursor that is none.
   */
  logs(order: number, query: LogQuery): AsyncIterable<LogLine>;
  /** What has happened after a time, in Unix milliseconds, oldest first. Drivers forget: what is to be kept must be read in time. */
  events(order: number, after: number): Promise<readonly OrchestratorEvent[]>;
  /**
   * What an order's containers use. It begins anew when they do, and where a driver says so also when the gateway does.
   *
   * @throws {OrchestratorError} `unavailable`, where the engine keeps no account.
   */
  usage(order: number): Promise<Usage>;
  /** Removes all containers of an order; volumes stay, and the next apply starts it again. What is stopped already stays so. */
  stop(order: number): Promise<void>;
  /** Removes all of an order, with its volumes unless they are to be kept. What is gone already stays so. */
  remove(order: number, options: { readonly keepVolumes: boolean }): Promise<void>;
  /** Everything that bears this gateway's label, leftovers of a crash included. */
  list(): Promise<readonly Deployed[]>;
  /** Frees connections and what the driver started itself; applications keep running. */
  close(): Promise<void>;
}
