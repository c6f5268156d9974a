import eslint from "@eslint/js";
import tseslint from "typescript-eslint";

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
