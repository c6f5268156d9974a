import type { ComponentChildren } from "preact";

import type { Plan } from "./plan.ts";
import { review } from "./review.ts";

/** Something to do, after a review; where it cannot be done, why not. */
export function Doing(props: {
  readonly name: ComponentChildren;
  /** What is done; nothing while what it takes is not typed yet. */
  readonly plan: () => Plan | undefined;
  readonly whyNot?: string | undefined;
  readonly isReady?: boolean;
  /** What is typed for it. */
  readonly children?: ComponentChildren;
}) {
  const { name, plan, whyNot, isReady = true, children } = props;
  const act = (): void => {
    const planned = plan();
    if (planned !== undefined) review(planned);
  };
  return (
    <div class="doing">
      {children}
      <button type="button" disabled={whyNot !== undefined || !isReady} onClick={act}>
        {name}
      </button>
      {whyNot !== undefined && <span class="hint">{whyNot}</span>}
    </div>
  );
}
