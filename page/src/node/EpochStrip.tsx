import { writeTime } from "../parts/format.ts";
import type { EpochOf, EpochState } from "./epochs.ts";

const WORDS: Readonly<Record<EpochState, string>> = {
  proven: "proven",
  missed: "missed",
  unanswered: "challenged, and proven by nobody",
  unasked: "not challenged",
  running: "running",
};

/** How many epochs are in each state, in a sentence. */
function summaryOf(epochs: readonly EpochOf[]): string {
  const count = (state: EpochState): number => epochs.filter((each) => each.state === state).length;
  const asked = count("proven") + count("missed");
  return `${String(count("proven"))} of ${String(asked)} epochs that others proved were proven, ${String(count("missed"))} missed`;
}

/** Epochs side by side, the newest last: which were proven, and which not. */
export function EpochStrip({ epochs }: { readonly epochs: readonly EpochOf[] }) {
  const summary = summaryOf(epochs);
  return (
    <figure class="strip">
      <div class="cells" role="img" aria-label={summary}>
        {epochs.map(({ epoch, start, state }) => (
          <span
            key={epoch.toString()}
            class={state}
            title={`Epoch ${epoch.toString()}, from ${writeTime(start).text}: ${WORDS[state]}`}
          />
        ))}
      </div>
      <figcaption class="hint">{summary}; the newest is on the right.</figcaption>
    </figure>
  );
}
