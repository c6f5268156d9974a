import type { Place } from "./place.ts";
import { fieldsOf, integerAt, integerOr, isGiven, itemsOf, quoted, textAt, textsAt, wordAt } from "./read.ts";
import type { Probe } from "../orchestrator/application.ts";

/** A port of a container, by its name there. */
export interface NamedPort {
  readonly name: string | undefined;
  readonly port: number;
}

/** Seconds that any time of a probe may have. */
const MAX_SECONDS = 3600;
const ACTIONS = ["httpGet", "tcpSocket", "exec"] as const;

/** Reads a port that is given by number, or by the name that a container has given it. */
export function portReferenceAt(place: Place, ports: readonly NamedPort[]): number | undefined {
  const { node } = place;
  if (node === undefined) return undefined;
  if ("value" in node && typeof node.value === "number") return integerAt(place, 1, 65_535);
  const name = textAt(place);
  if (name === undefined) return undefined;
  const found = ports.find((each) => each.name === name);
  if (found === undefined) place.fault(`No container port is named ${quoted(name)}`);
  return found?.port;
}

type Action = Probe["action"];

function httpAt(place: Place, ports: readonly NamedPort[]): Action | undefined {
  const fields = fieldsOf(place, ["port", "path", "scheme"], {
    host: "a container is asked for itself alone",
    httpHeaders: "the path is all that can be asked for",
  });
  wordAt(fields.scheme, ["HTTP"]);
  const port = isGiven(fields.port) ? portReferenceAt(fields.port, ports) : undefined;
  const path = textAt(fields.path) ?? "/";
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(path)) fields.path.fault(`${quoted(path)} is not a path that begins with /`);
  return port === undefined ? undefined : { kind: "http", port, path };
}

function tcpAt(place: Place, ports: readonly NamedPort[]): Action | undefined {
  const fields = fieldsOf(place, ["port"], { host: "a container is asked for itself alone" });
  const port = isGiven(fields.port) ? portReferenceAt(fields.port, ports) : undefined;
  return port === undefined ? undefined : { kind: "tcp", port };
}

function execAt(place: Place): Action | undefined {
  const { command } = fieldsOf(place, ["command"]);
  if (!isGiven(command)) return undefined;
  if (itemsOf(command).length === 0) command.fault("The command is empty");
  return { kind: "exec", command: textsAt(command) ?? [] };
}

/** Reads how a container is asked whether it is well. */
export function probeAt(place: Place, ports: readonly NamedPort[]): Probe | undefined {
  if (!place.isThere) return undefined;
  const times = [
    "initialDelaySeconds",
    "periodSeconds",
    "timeoutSeconds",
    "failureThreshold",
    "successThreshold",
  ] as const;
  const fields = fieldsOf(place, [...ACTIONS, ...times], {
    grpc: "httpGet, tcpSocket and exec are taken",
    terminationGracePeriodSeconds: "the pod's holds",
  });
  integerAt(fields.successThreshold, 1, 1);
  const given = ACTIONS.filter((name) => fields[name].isThere);
  if (given.length !== 1) place.fault(`A probe is exactly one of ${ACTIONS.join(", ")}`);
  const actions = {
    httpGet: () => httpAt(fields.httpGet, ports),
    tcpSocket: () => tcpAt(fields.tcpSocket, ports),
    exec: () => execAt(fields.exec),
  };
  const action = given.length === 1 && given[0] !== undefined ? actions[given[0]]() : undefined;
  const spans = {
    initialDelaySeconds: integerOr(fields.initialDelaySeconds, 0, MAX_SECONDS, 0),
    periodSeconds: integerOr(fields.periodSeconds, 1, MAX_SECONDS, 10),
    timeoutSeconds: integerOr(fields.timeoutSeconds, 1, MAX_SECONDS, 1),
    failureThreshold: integerOr(fields.failureThreshold, 1, 1000, 3),
  };
  return action === undefined ? undefined : { action, ...spans };
}
