/** How bad it is: `warning`, something will go wrong unless somebody acts; `critical`, money is being lost or is about to be. */
export type Severity = "warning" | "critical";

/** Something that a person should look at. docs/operate.md has a row for each code. */
export interface Alarm {
  /** Names its kind: kebab-case, such as `epoch-missed`. */
  readonly code: string;
  readonly severity: Severity;
  /** What of several it is about, such as `node 7`; empty where there is one. */
  readonly about: string;
  /** What is wrong, with the values. */
  readonly problem: string;
  /** What to do. */
  readonly remedy: string;
}

/** Where alarms go: the log, a metric, and the webhook. */
export interface Alarms {
  /** Says that something is wrong. The log and the webhook hear it once until it is cleared, and again when it got worse or after a day. */
  raise(alarm: Alarm): void;
  /** Says that it is well again; does nothing where it was not wrong. */
  clear(code: string, about: string): void;
  /** What happened once and is over, such as a missed epoch: told at once, never cleared. */
  tell(alarm: Alarm): void;
  /** What is wrong now. */
  standing(): readonly Alarm[];
}
