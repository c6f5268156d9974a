import type { Rule } from "eslint";

export declare const keptPromises: Rule.RuleModule;
