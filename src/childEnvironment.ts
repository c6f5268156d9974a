/** Variables that programs need to find their way about the machine, and none of which is anybody's secret. */
const NAMES: ReadonlySet<string> = new Set([
  ...["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "TMPDIR"],
  "LD_LIBRARY_PATH",
]);
/** The locale's; the machine's folders; the container engine's; the SGX platform software's. */
const PREFIXES = ["LC_", "XDG_", "CONTAINERS_", "STORAGE_", "SGX_", "QCNL_", "AZDCAP_"];

/**
 * The variables that a child process is given: those of this process that say how the machine is set up. All others stay here, since any of
 * them may be a key or hold one, and a child may be a program of somebody else's or show its variables to others.
 *
 * @param environment The variables of this process.
 */
export function childEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value !== undefined && (NAMES.has(name) || PREFIXES.some((prefix) => name.startsWith(prefix)))
        ? [[name, value]]
        : [],
    ),
  );
}
