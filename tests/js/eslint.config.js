import js from "@eslint/js";

export default [
  js.configs.recommended,
  {rules: {"no-undef": "off"}}, // tsc knows what a browser has
];
