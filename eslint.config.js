import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

/** An error's text. */
const TEXT =
  ":matches(MemberExpression[property.name=/^(message|shortMessage|formattedMessage)$/], Identifier[name=/^(message|shortMessage)$/])";

export default tseslint.config(
  { ignores: ["artifacts", "cache", "coverage", "dist", "types", "deployments"] },
  eslint.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: ["src/**/*.ts", "modules/**/*.ts", "tasks/**/*.ts", "demo/**/*.ts", "scripts/**/*.ts", "test/**/*.ts"],
    rules: { complexity: ["error", 9], "max-lines": ["error", 300] },
  },
  {
    // What an error is, its code says. Its text is somebody else's, and changes.
    files: ["src/**/*.ts", "modules/**/*.ts", "tasks/**/*.ts", "demo/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[
          `CallExpression[callee.property.name=/^(includes|startsWith|endsWith|match|matchAll|search|indexOf)$/] > MemberExpression.callee > ${TEXT}.object`,
          `CallExpression[callee.property.name=/^(test|exec)$/] > ${TEXT}.arguments`,
          `CallExpression[callee.property.name=/^(test|exec)$/] > CallExpression.arguments > ${TEXT}.arguments`,
          `BinaryExpression[operator=/^[!=]==?$/] > ${TEXT}:not(BinaryExpression[right.type="Identifier"][right.name="undefined"] > *)`,
          `SwitchStatement > ${TEXT}.discriminant`,
        ].map((selector) => ({ selector, message: "Tell errors apart by their codes, never by their texts." })),
      ],
    },
  },
  {
    // Chai's assertions are property reads.
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-unused-expressions": "off", "@typescript-eslint/no-non-null-assertion": "off" },
  },
  { files: ["eslint.config.js"], ...tseslint.configs.disableTypeChecked },
  {
    // Builders run before anything is generated: an import of generated code would break the first build.
    files: ["tasks/**/index.ts", "demo/index.ts"],
    rules: { "no-restricted-imports": ["error", { patterns: ["**/types/*", "**/src/*", "ethers"] }] },
  },
);
