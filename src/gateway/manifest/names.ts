import type { Place } from "./place.ts";
import { entriesOf, formAt, quoted, textAt } from "./read.ts";

const LABEL_FORM = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SERVICE_FORM = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN_FORM = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const PORT_FORM = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;
const VARIABLE_FORM = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const FILE_FORM = /^(?!\.{1,2}$)(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
const LABEL_VALUE = /^(?:(?=.{0,63}$)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const LABEL_NAME = /^(?=.{1,63}$)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
/** What the gateway's own labels and annotations begin with. */
const RESERVED = /(?:^|\.)computing-power$/;

/** Letters of a workload's or service's name: the order's number and the service's name are one label of a host. */
const MAX_NAME = 40;

function shortAt(place: Place, form: RegExp, most: number, rule: string): string | undefined {
  const text = formAt(place, form, rule);
  if (text === undefined || text.length <= most) return text;
  place.fault(`${quoted(text)} has ${String(text.length)} characters; at most ${String(most)} are allowed`);
  return undefined;
}

/** A workload's name. */
export const workloadName = (place: Place): string | undefined =>
  shortAt(place, LABEL_FORM, MAX_NAME, "a name of lower-case letters, digits and inner hyphens");

/** A service's name. */
export const serviceName = (place: Place): string | undefined =>
  shortAt(
    place,
    SERVICE_FORM,
    MAX_NAME,
    "a name of lower-case letters, digits and inner hyphens that begins with a letter",
  );

/** A container's or volume's name. */
export const labelName = (place: Place): string | undefined =>
  shortAt(place, LABEL_FORM, 63, "a name of lower-case letters, digits and inner hyphens");

/** The name of a ConfigMap, of a secret or of a claim. */
export const objectName = (place: Place): string | undefined =>
  shortAt(place, SUBDOMAIN_FORM, 63, "a name of lower-case letters, digits, inner hyphens and dots");

/** A port's name. */
export const portName = (place: Place): string | undefined =>
  formAt(place, PORT_FORM, "a port's name of at most 15 lower-case letters, digits and inner hyphens, with a letter");

/** Whether a text can be the name of a variable. */
export function isVariableName(text: string): boolean {
  return text.length <= 253 && VARIABLE_FORM.test(text);
}

/** A variable's name. */
export function variableName(place: Place): string | undefined {
  const text = textAt(place);
  if (text === undefined || isVariableName(text)) return text;
  place.fault(
    `${quoted(text)} is not a variable's name of letters, digits, "_", "-" and "." that does not begin with a digit`,
  );
  return undefined;
}

/** The name of a file, as keys of ConfigMaps and secrets are. */
export const fileName = (place: Place): string | undefined =>
  formAt(place, FILE_FORM, 'a name of letters, digits, "-", "_" and "."');

/** Whether a text can be the name of a file. */
export function isFileName(text: string): boolean {
  return FILE_FORM.test(text);
}

/** What is wrong with a label's key, if anything is. */
function labelKeyFault(key: string): string | undefined {
  const slash = key.indexOf("/");
  const [prefix, name] = slash === -1 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
  const isForm =
    LABEL_NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && SUBDOMAIN_FORM.test(prefix)));
  if (!isForm) return `${quoted(key)} is not a label's key, such as app or app.kubernetes.io/name`;
  return prefix !== undefined && RESERVED.test(prefix)
    ? `Labels that begin with ${prefix}/ are the gateway's own`
    : undefined;
}

/** Labels, or what selects by them. */
export function labelsAt(place: Place): Record<string, string> {
  const labels = entriesOf(place).map(({ key, place: value, keyPlace }): [string, string] => {
    const fault = labelKeyFault(key);
    if (fault !== undefined) keyPlace.fault(fault);
    if (!value.isThere) value.fault("A label needs a text");
    return [
      key,
      formAt(value, LABEL_VALUE, "a label's value of at most 63 letters, digits, and inner '-', '_' and '.'") ?? "",
    ];
  });
  return Object.fromEntries(labels);
}
