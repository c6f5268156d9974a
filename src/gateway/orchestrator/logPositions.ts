import { z } from "zod";

import { OrchestratorError, type LogLine } from "./orchestrator.ts";

/** How far a container's log was read, in its engine's terms: what is read there, and how much of it. */
export type Position = readonly [what: string, read: number];

const form = z.record(z.string(), z.tuple([z.string(), z.number().int().nonnegative()]));

/** How far the logs of an order's containers were read. */
export class LogPositions {
  readonly #at: Map<string, Position>;

  private constructor(at: Map<string, Position>) {
    this.#at = at;
  }

  /**
   * Those of a cursor; none without one.
   *
   * @throws {OrchestratorError} `refused`, for a cursor that is none.
   */
  static of(cursor: string | undefined): LogPositions {
    if (cursor === undefined) return new LogPositions(new Map());
    try {
      const read = form.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
      return new LogPositions(new Map(Object.entries(read)));
    } catch (error) {
      throw new OrchestratorError("refused", "This is not a cursor of these logs", { cause: error });
    }
  }

  /** The position in a container's log; undefined where nothing of it was read. */
  get(container: string): Position | undefined {
    return this.#at.get(container);
  }

  set(container: string, position: Position): void {
    this.#at.set(container, position);
  }

  /** Forgets all containers but these, so that a cursor is never longer than there are containers. */
  keep(containers: ReadonlySet<string>): void {
    for (const container of this.#at.keys()) if (!containers.has(container)) this.#at.delete(container);
  }

  copy(): LogPositions {
    return new LogPositions(new Map(this.#at));
  }

  toCursor(): string {
    return Buffer.from(JSON.stringify(Object.fromEntries(this.#at))).toString("base64url");
  }
}

/**
 * Lines as they are told, in their order. A line's cursor names all containers, so it is made when somebody asks for it, and not for each line.
 *
 * @param at Where reading is; goes on with each line.
 * @param advance Says of a line that it was read.
 */
export function* toldLines<Line>(
  lines: readonly Line[],
  at: LogPositions,
  advance: (at: LogPositions, line: Line) => void,
  contentsOf: (line: Line) => Omit<LogLine, "cursor">,
): Generator<LogLine> {
  const before = at.copy();
  for (const [index, line] of lines.entries()) {
    advance(at, line);
    yield {
      ...contentsOf(line),
      get cursor() {
        const then = before.copy();
        for (const read of lines.slice(0, index + 1)) advance(then, read);
        return then.toCursor();
      },
    };
  }
}
