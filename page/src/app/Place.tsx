import type { ComponentChildren } from "preact";
import { useEffect, useErrorBoundary, useRef } from "preact/hooks";

import { useChain } from "../chain/context.ts";
import { failureOf } from "../parts/failure.ts";
import { Empty, FailureNotice } from "../parts/states.tsx";
import { places } from "./places.ts";
import { route } from "./route.ts";

/** A place, or what failed in showing it: the rest of the page stays of use. */
function Guarded({ children }: { readonly children: ComponentChildren }) {
  const { token } = useChain();
  const [error, again] = useErrorBoundary() as [unknown, () => void];
  return error === undefined ? <>{children}</> : <FailureNotice failure={failureOf(error, token)} retry={again} />;
}

/** What is shown at the place that the URL names. */
export function Place() {
  const { path } = route.value;
  const [name = "market"] = path;
  const place = places.find((each) => each.path === name);
  const at = path.join("/");
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = `${place?.title ?? name} · Computing Power Platform`;
  }, [name]);
  useEffect(() => {
    // Who came by a link goes on from where the link led, not from where it was.
    if (!isFirst.current) document.getElementById("main")?.focus();
    isFirst.current = false;
  }, [at]);
  if (place === undefined) {
    return (
      <>
        <h1>No such place</h1>
        <Empty>
          Nothing is here. <a href="#/market">To the market</a>
        </Empty>
      </>
    );
  }
  return (
    <Guarded key={at}>
      <place.Component />
    </Guarded>
  );
}
