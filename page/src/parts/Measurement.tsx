import { useChain } from "../chain/context.ts";
import { Foreign, Hex } from "./values.tsx";

/** The measurement of a program, with the name that whoever serves this page has for it. */
export function Measurement({ of }: { readonly of: string }) {
  const name = useChain().config.measurements.get(of.toLowerCase());
  return (
    <>
      <Hex of={of} label="measurement" />
      {name !== undefined && (
        <span title="A name by whoever serves this page. No chain says so: what counts is the measurement.">
          {" "}
          called <Foreign text={name} />
        </span>
      )}
    </>
  );
}
