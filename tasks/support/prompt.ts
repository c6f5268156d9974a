import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { EXIT, ExplainedError, Interrupted } from "./failures/failure.ts";
import { escapeText } from "../../src/terminalText.ts";

/** Takes what is typed, and shows nothing of it. */
const nowhere = (): Writable =>
  new Writable({
    write(_chunk, _encoding, done) {
      done();
    },
  });

function unanswered(question: string): ExplainedError {
  const asked = question.replace(/[\s:?]+$/, "");
  const cause = `Nobody is there to answer "${asked}": the input is no terminal, and has ended.`;
  const remedy =
    "Run it in a terminal, or answer beforehand: with --yes, and for a keystore with environment variables of the same names.";
  return new ExplainedError({ exitCode: EXIT.input, name: "NoTerminal", cause, remedy });
}

/**
 * Asks on stderr and reads one line.
 *
 * @param question What is asked, which may have words of strangers in it.
 * @param isSecret Whether what is typed must not be shown.
 * @throws {ExplainedError} When Ctrl-C or the end of the input comes instead of an answer.
 */
export async function ask(question: string, { isSecret = false } = {}): Promise<string> {
  const { isTTY } = process.stdin;
  const text = escapeText(question);
  const prompt = createInterface({
    input: process.stdin,
    output: isSecret ? nowhere() : process.stderr,
    terminal: isTTY,
  });
  try {
    return await new Promise((resolve, reject) => {
      const stop = (): void => {
        reject(isTTY ? new Interrupted("The question was not answered.", "Run it again.") : unanswered(question));
      };
      prompt.once("SIGINT", stop).once("close", stop);
      if (isSecret) process.stderr.write(text);
      prompt.question(isSecret ? "" : text, resolve);
    });
  } finally {
    prompt.close();
    if (isSecret || !isTTY) process.stderr.write("\n");
  }
}
