import type { ComponentChildren } from "preact";

import { useChain } from "../chain/context.ts";
import type { Reading } from "../chain/reading.ts";
import { Commands } from "./Commands.tsx";
import { failureOf, type Failure } from "./failure.ts";
import { plain } from "./format.ts";

/** The most characters of what a failure says. */
const LONGEST = 600;

/** Something that people must see, in a colour and with a word of its own. */
export function Notice(props: {
  readonly kind: "info" | "good" | "warning" | "error";
  readonly title?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  const { kind, title, children } = props;
  return (
    <div class={`notice ${kind}`} role={kind === "error" ? "alert" : "status"}>
      {title !== undefined && <strong>{title}</strong>}
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}

/** A failure: what happened, and what to do. Some of the words are those of a gateway or a wallet. */
export function FailureNotice({ failure, retry }: { readonly failure: Failure; readonly retry?: () => void }) {
  return (
    <Notice kind="error" title={plain(failure.cause, LONGEST)}>
      <Commands text={plain(failure.remedy, LONGEST)} />{" "}
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
      {failure.name !== undefined && <code class="faint">{plain(failure.name, LONGEST)}</code>}
    </Notice>
  );
}

/** Nothing is there: why, and what to do. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

/** Lines that stand where text will be. */
export function Skeleton({ lines = 4 }: { readonly lines?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Reading the chain">
      {Array.from({ length: lines }, (_, i) => (
        <span key={i} />
      ))}
    </div>
  );
}

/** Shows what was read: a skeleton before, the failure where it failed, and with it what was known before. */
export function Loaded<T>(props: {
  readonly reading: Reading<T>;
  readonly lines?: number;
  readonly children: (data: T) => ComponentChildren;
}) {
  const { reading, lines, children } = props;
  const { token } = useChain();
  const { data, isRead, error, retry } = reading;
  if (!isRead && error === undefined) return <Skeleton {...(lines === undefined ? {} : { lines })} />;
  return (
    <>
      {error !== undefined && <FailureNotice failure={failureOf(error, token)} retry={retry} />}
      {isRead && children(data as T)}
    </>
  );
}
