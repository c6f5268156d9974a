import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import { InputError } from "../../../src/inputError.ts";

interface FieldProps {
  readonly label: string;
  readonly hint?: ComponentChildren;
  /** What is wrong with what was typed. */
  readonly fault?: string | undefined;
}

/** A line to type in. */
export function TextField(
  props: FieldProps & {
    readonly value: string;
    readonly onInput: (value: string) => void;
    readonly placeholder?: string;
    readonly inputMode?: "decimal" | "numeric" | "text" | "url";
  },
) {
  const { label, hint, fault, value, onInput, placeholder, inputMode = "text" } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={value}
        inputMode={inputMode}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-about`}
        onInput={({ currentTarget }) => {
          onInput(currentTarget.value);
        }}
      />
      <div id={`${id}-about`} class={fault === undefined ? "hint" : "fault"}>
        {fault ?? hint}
      </div>
    </div>
  );
}

/** A choice of few. */
export function Choice(
  props: FieldProps & {
    readonly value: string;
    readonly onChoose: (value: string) => void;
    readonly options: readonly (readonly [value: string, text: string])[];
  },
) {
  const { label, hint, value, onChoose, options } = props;
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          onChoose(currentTarget.value);
        }}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && <div class="hint">{hint}</div>}
    </div>
  );
}

/** Something that is so or not. */
export function Check(props: {
  readonly label: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={({ currentTarget }) => {
          props.onChange(currentTarget.checked);
        }}
      />
      {props.label}
    </label>
  );
}

/** What a reader makes of what was typed: a value, or what is wrong with it. An empty line is neither. */
export function typed<T>(text: string, parse: (text: string) => T): { readonly value?: T; readonly fault?: string } {
  if (text.trim() === "") return {};
  try {
    return { value: parse(text.trim()) };
  } catch (error) {
    if (error instanceof InputError) return { fault: error.message };
    throw error;
  }
}
