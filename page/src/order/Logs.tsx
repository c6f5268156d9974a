import { useEffect, useRef, useState } from "preact/hooks";

import type { OrderClient } from "../../../src/gateway/client/index.ts";
import { useChain } from "../chain/context.ts";
import { failureOf } from "../parts/failure.ts";
import { plain } from "../parts/format.ts";
import { FailureNotice } from "../parts/states.tsx";

/** So many lines are kept; older ones are gone from the page, not from the gateway. */
const MOST = 500;
/** The most characters of a line that are shown. */
const LONGEST = 4_000;

interface Line {
  readonly id: number;
  readonly text: string;
}

/** Lines of an application's log as they come. */
function useLines(client: OrderClient, isOn: boolean) {
  const [lines, setLines] = useState<readonly Line[]>([]);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!isOn) return undefined;
    const ending = new AbortController();
    // However fast they come, they are shown as often as the screen is drawn.
    let fresh: Line[] = [];
    const show = (): void => {
      const more = fresh;
      fresh = [];
      setLines((known) => [...known, ...more].slice(-MOST));
    };
    const follow = async (): Promise<void> => {
      for await (const { id, workload, text } of client.followLogs({ tail: 50 }, ending.signal)) {
        if (fresh.length === 0) requestAnimationFrame(show);
        fresh = [...fresh.slice(1 - MOST), { id, text: plain(`${workload}: ${text}`, LONGEST) }];
      }
    };
    follow().catch((failure: unknown) => {
      if (!ending.signal.aborted) setError(failure);
    });
    return () => {
      ending.abort();
    };
  }, [client, isOn]);
  return { lines, error };
}

/** What an application writes, live. */
export function Logs({ client }: { readonly client: OrderClient }) {
  const { token } = useChain();
  const [isOn, setOn] = useState(false);
  const { lines, error } = useLines(client, isOn);
  const box = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  return (
    <div>
      <button
        type="button"
        aria-pressed={isOn}
        onClick={() => {
          setOn(!isOn);
        }}
      >
        {isOn ? "Stop following the log" : "Follow the log"}
      </button>
      {error !== undefined && <FailureNotice failure={failureOf(error, token)} />}
      {isOn && (
        <pre class="log" ref={box} tabIndex={0} role="log" aria-label="The application's log">
          {lines.map(({ id, text }) => (
            <span key={id}>{`${text}\n`}</span>
          ))}
        </pre>
      )}
    </div>
  );
}
