import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const nodeGlobals = Object.fromEntries(
  ['require', 'module', 'exports', '__dirname', '__filename', 'process', 'console', 'Buffer'].map(
    (name) => [name, 'readonly'],
  ),
);

/** The editor's API is reached in one layer only; everything else runs without an editor. */
const noEditor = {
  name: 'vscode',
  message: 'Only src/vscode and src/extension.ts may use the editor API.',
};

export default tseslint.config(
  {
    ignores: [
      'node_modules/',
      'dist/',
      'coverage/',
      '.cache/',
      '.vscode-test/',
      'test/**/artifacts/',
      // AssemblyScript: its own types, checked by its own compiler.
      'src/chunk/kernel/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/vscode/pages/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      // Names from elsewhere carry control characters; finding them is the point.
      'no-control-regex': 'off',
      'no-console': 'error',
      'no-restricted-imports': ['error', { paths: [noEditor] }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Name what you export.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of strings.' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: [
      'src/vscode/**/*.ts',
      'src/extension.ts',
      'test/vscode/**/*.ts',
      'test/bench/editor/inHost.ts',
      'test/bench/editor/activationInHost.ts',
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // What programs of the repository print is their result.
      'no-console': 'off',
      // Fakes hand out their methods as plain functions.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: { globals: nodeGlobals },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    // Must parse on any Node.
    files: ['src/cliGuard.cjs'],
    languageOptions: { ecmaVersion: 5, sourceType: 'commonjs' },
  },
);
