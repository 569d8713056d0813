// @ts-check
/**
 * Lint rules that find faults types cannot: a promise nobody waits for, a switch that forgets a case, a
 * clock read where decisions are made. Layout is prettier's; imports, sizes and words are tools/check.mjs's.
 * One program (tsconfig.tests.json) serves every file, tests and tools included, so that types are read once.
 */
import tseslint from 'typescript-eslint';

const CODE = ['**/*.ts', '**/*.mjs', '**/*.js'];
const PURE = ['packages/core/src/{model,calendar,graph,config,kernel,protocol}/**/*.ts'];
const TESTS = ['**/*.test.ts', '**/*.test.mjs', 'packages/*/test/**', 'e2e/**'];

const NO_CLOCK = 'Time comes in the event, so that the same input gives the same answer.';
const NO_HOST = 'The pure folders use the language and nothing of its host.';
const NO_WAITING = 'Decisions do not wait: return a command and let the shell carry it out.';

const HOST_GLOBALS = [
  'setTimeout',
  'setInterval',
  'queueMicrotask',
  'performance',
  'process',
  'fetch',
  'console',
  'crypto',
];

/** @typedef {import('typescript-eslint').ConfigArray[number]['rules']} Rules */

/**
 * Faults that need no types to be seen.
 * @type {Rules}
 */
const syntaxRules = {
  eqeqeq: 'error',
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': ['error', { allowEmptyCatch: false }],
  'no-fallthrough': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-sparse-arrays': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-unused-labels': 'error',
  'no-useless-catch': 'error',
  'no-var': 'error',
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'require-yield': 'error',
  'use-isnan': 'error',
  'valid-typeof': 'error',
  '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/no-non-null-assertion': 'error',
  '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
};

/**
 * Faults that only types show. Rules about `any` are missing because there is none.
 * @type {Rules}
 */
const typedRules = {
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/no-array-delete': 'error',
  '@typescript-eslint/no-base-to-string': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-for-in-array': 'error',
  '@typescript-eslint/no-misused-promises': 'error',
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/prefer-promise-reject-errors': 'error',
  '@typescript-eslint/restrict-plus-operands': 'error',
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

/**
 * What the pure folders of core never say.
 * @type {Rules}
 */
const pureRules = {
  'no-restricted-globals': [
    'error',
    ...HOST_GLOBALS.map((name) => ({ name, message: NO_HOST })),
    { name: 'Promise', message: NO_WAITING },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: NO_CLOCK },
    { object: 'Math', property: 'random', message: 'Draw from the seeded generator in the state.' },
  ],
  'no-restricted-syntax': [
    'error',
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: NO_CLOCK },
    { selector: ':function[async=true]', message: NO_WAITING },
    { selector: 'AwaitExpression', message: NO_WAITING },
  ],
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.hera/**', 'coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: CODE,
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: './tsconfig.tests.json', tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: { ...syntaxRules, ...typedRules },
  },
  { files: PURE, ignores: TESTS, rules: pureRules },
  { files: TESTS, rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
);
