import type { GatewayError } from "../../../src/gateway/client/index.ts";
import { plain } from "../parts/format.ts";
import { Foreign } from "../parts/values.tsx";

/** What is wrong with a manifest, each fault with its line. */
export function Faults({ errors }: { readonly errors: GatewayError["errors"] }) {
  if (errors.length === 0) return null;
  return (
    <ul class="faults">
      {errors.map(({ line, column, path, detail }, i) => (
        <li key={i}>
          {line !== undefined && (
            <span class="number">
              Line {line}
              {column !== undefined && `, column ${String(column)}`}:{" "}
            </span>
          )}
          {path !== undefined && <code>{plain(path, 200)} </code>}
          <Foreign text={detail} />
        </li>
      ))}
    </ul>
  );
}
