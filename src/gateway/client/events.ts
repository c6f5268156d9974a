/** One event of a stream (text/event-stream, as HTML defines it). */
export interface StreamEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** The most characters of an event that are kept: a gateway that sends more is none of ours. */
const LIMIT = 2 ** 20;

/** The event that some lines make; undefined for a comment or heartbeat. */
function eventOf(lines: readonly string[]): StreamEvent | undefined {
  let [id, event] = [undefined as string | undefined, "message"];
  const data: string[] = [];
  for (const line of lines) {
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "id") id = value;
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length === 0 ? undefined : { id, event, data: data.join("\n") };
}

/**
 * Reads the events of a stream as they come, until it ends.
 *
 * @throws {RangeError} For an event of more than a million characters.
 */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true }).replaceAll("\r\n", "\n");
    const parts = text.split("\n\n");
    text = parts.pop() ?? "";
    if (text.length > LIMIT) throw new RangeError(`An event has more than ${String(LIMIT)} characters`);
    for (const part of parts) {
      const event = eventOf(part.split("\n"));
      if (event !== undefined) yield event;
    }
  }
}
