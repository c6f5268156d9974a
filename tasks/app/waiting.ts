import { setTimeout as pause } from "node:timers/promises";

import type { OrderClient } from "../../src/gateway/client/orderClient.ts";
import type { ApplicationView, DeploymentView } from "../../src/gateway/client/forms.ts";
import { GatewayError } from "../../src/gateway/client/request.ts";

/** Milliseconds between two looks, and between two lines about them: a little more than what stands on stderr allows. */
const [LOOK, SAY] = [500, 1_100];
/** The longest time that a timer can wait, in milliseconds. */
const LONGEST = 2 ** 31 - 1;
const SETTLED: ReadonlySet<string> = new Set(["ready", "failed", "removed"]);

/** How a deployment is waited for. */
export interface Waiting {
  /** Milliseconds after which it is not waited for any longer. */
  readonly milliseconds: number;
  /** Told how far it is, when that changes. */
  readonly tell: (detail: string) => void;
  /** Ends the waiting at once. */
  readonly signal: AbortSignal;
}

/** Whether nothing more will become of a deployment. */
export const isSettled = ({ state }: DeploymentView): boolean => SETTLED.has(state);

/** Whether a gateway may answer a moment later. */
function mayPass(error: unknown): error is GatewayError {
  return error instanceof GatewayError && (error.code === "unreachable" || error.status === 429 || error.status >= 500);
}

/** The newest warning since a deployment was asked for. */
class Warnings {
  readonly #client: Pick<OrderClient, "events">;
  readonly #since: number;
  #cursor = "0";
  newest: string | undefined;

  constructor(client: Pick<OrderClient, "events">, { createdAt }: DeploymentView) {
    [this.#client, this.#since] = [client, createdAt];
  }

  /** Reads what has happened since the last look. */
  async look(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { events, cursor } = await this.#client.events({ after: this.#cursor }, signal);
      const warning = events.findLast(({ kind, time }) => kind === "warning" && time >= this.#since);
      if (warning !== undefined) this.newest = `${warning.reason}: ${warning.detail}`;
      if (events.length === 0) return;
      this.#cursor = cursor;
    }
  }
}

/** How far a deployment is, and what keeps it from being ready. */
function standingOf({ deployment, running }: ApplicationView, warning: string | undefined): string {
  const workloads = deployment.state === "applying" ? (running?.workloads ?? []) : [];
  const lacking = workloads
    .filter(({ ready, wanted }) => ready < wanted)
    .map(({ workload, ready, wanted, reason }) =>
      [`${workload} has ${String(ready)} of ${String(wanted)} ready`, reason].filter(Boolean).join(", "),
    );
  return [deployment.state, ...lacking, warning].filter((part) => part !== undefined).join("; ");
}

/**
 * Waits until a deployment is ready or has failed, or the time is over. A gateway that does not answer is asked again all that time.
 *
 * @returns The deployment as it was seen last.
 * @throws {GatewayError} For a refusal that will be the same a moment later.
 */
export async function settled(
  client: Pick<OrderClient, "status" | "events">,
  accepted: DeploymentView,
  { milliseconds, tell, signal }: Waiting,
): Promise<DeploymentView> {
  const over = AbortSignal.any([signal, AbortSignal.timeout(Math.min(milliseconds, LONGEST))]);
  const warnings = new Warnings(client, accepted);
  let now = accepted;
  let [said, saidAt] = ["", -Infinity];
  const say = (text: string): void => {
    if (text === said || performance.now() - saidAt < SAY) return;
    [said, saidAt] = [text, performance.now()];
    tell(text);
  };
  say(now.state);
  while (!isSettled(now)) {
    try {
      await pause(LOOK, undefined, { signal: over });
      const view = await client.status(over);
      now = view.deployment;
      await warnings.look(over);
      say(standingOf(view, warnings.newest));
    } catch (error) {
      if (over.aborted) break;
      if (!mayPass(error)) throw error;
      say(`${now.state}; ${error.problem} It is asked again`);
    }
  }
  return now;
}
