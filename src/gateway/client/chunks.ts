/** The chunks of an answer's body, as they come; none where it has none. Not every browser lets a stream be iterated over itself. */
export async function* chunksOf(body: Response["body"]): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  if (body === null) return;
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever wants no more has the connection closed; of one that is broken, or was read to its end, nothing is left to close.
    await reader.cancel().catch(() => undefined);
  }
}

/** The bytes of an answer's body; undefined where it has more than it may, of which the rest is not read. */
export async function bytesOf(body: Response["body"], most: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = new Uint8Array(most);
  let size = 0;
  for await (const chunk of chunksOf(body)) {
    if (size + chunk.length > most) return undefined;
    bytes.set(chunk, size);
    size += chunk.length;
  }
  return bytes.slice(0, size);
}

/** The text of an answer's body; undefined where it has more bytes than it may, of which the rest is not read. */
export async function textOf(body: Response["body"], most: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  for await (const chunk of chunksOf(body)) {
    size += chunk.length;
    if (size > most) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
