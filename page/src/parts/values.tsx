import { createContext, type ComponentChildren } from "preact";
import { useContext } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import { chainNow, head } from "../chain/network.ts";
import { destinationOf } from "./destination.ts";
import {
  NO_END,
  plain,
  shortened,
  writeAmount,
  writeDuration,
  writeHashRate,
  writeRate,
  wholly,
  writeTime,
  type Written,
} from "./format.ts";

/** Whether values are shown whole, as where people are about to sign: numbers exactly, hashes and addresses from end to end. */
export const Whole = createContext(false);

/** A number with its unit; who points at it sees it exactly. */
export function Exact({ written: { text, exact } }: { readonly written: Written }) {
  const isWhole = useContext(Whole);
  if (isWhole) return <span class="whole">{wholly({ text, exact })}</span>;
  return (
    <span class="number" title={exact}>
      {text}
    </span>
  );
}

/** An amount of the platform's token, in base units. */
export function Amount({ of }: { readonly of: bigint }) {
  const { token } = useChain();
  return <Exact written={writeAmount(of, token.decimals, token.symbol)} />;
}

/** A price by the hour, from a rate per second with 12 extra decimals. */
export function Rate({ of }: { readonly of: bigint }) {
  const { token } = useChain();
  return <Exact written={writeRate(of, token.decimals, token.symbol)} />;
}

export function HashRate({ of }: { readonly of: bigint }) {
  return <Exact written={writeHashRate(of)} />;
}

export function Duration({ of }: { readonly of: bigint }) {
  return <Exact written={writeDuration(of)} />;
}

/** A moment, Unix seconds: local time, UTC for who points at it. */
export function Time({ at }: { readonly at: bigint }) {
  return <Exact written={writeTime(at)} />;
}

/** How long it is until a moment, or how long ago it was, by the chain's clock; it counts with the blocks. */
export function FromNow({ at }: { readonly at: bigint }) {
  const { text, exact } = writeTime(at);
  if (text === NO_END || head.value === undefined) return <Time at={at} />;
  const left = at - chainNow();
  const distance = writeDuration(left < 0n ? -left : left).text;
  return (
    <span class="number" title={`${text}, ${exact}`}>
      {left < 0n ? `${distance} ago` : `in ${distance}`}
    </span>
  );
}

/** A hash or an address: short, whole for who points at it or copies it. A gateway may say that it is anything else, so what is copied is what can be seen. */
export function Hex({ of, label = "value" }: { readonly of: string; readonly label?: string }) {
  const whole = plain(of, LONGEST);
  const shown = useContext(Whole) ? whole : shortened(whole);
  const copy = (): void => void navigator.clipboard.writeText(whole);
  return (
    <button type="button" class="hex" title={whole} aria-label={`${shown}: copy ${label}`} onClick={copy}>
      {shown}
    </button>
  );
}

/** The most characters of a stranger's text that are shown, and that are to be seen by pointing at it. */
const [LONGEST, LONGEST_HINT] = [120, 2_000];

/** A text that a stranger wrote: never more than text, with what would be obeyed or hidden written out. */
export function Foreign({ text }: { readonly text: string }) {
  const longest = useContext(Whole) ? LONGEST_HINT : LONGEST;
  return (
    <span class="foreign" title={plain(text, LONGEST_HINT)}>
      {plain(text, longest)}
    </span>
  );
}

/** A URL that a stranger wrote, as a link where it may be one: shown as a browser opens it, and opened apart from this page. */
export function ForeignLink({ url }: { readonly url: string }) {
  const { chainId } = useChain();
  const destination = destinationOf(url, chainId, LONGEST);
  if (destination === undefined) return url === "" ? <>none</> : <Foreign text={url} />;
  return (
    <a href={destination} target="_blank" rel="noopener noreferrer nofollow ugc" referrerpolicy="no-referrer">
      <Foreign text={destination} />
    </a>
  );
}

/** Facts by name, as a list of definitions. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
