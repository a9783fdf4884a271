/** The arrows of the architecture. A layer may use what stands below it, never what stands above it or beside it. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(model|native|harness|backends|properties|report|cli|corpus|test|bench|soak)/', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('model-is-pure', '^model/', '^model/', 'The protocol imports nothing but itself.'),
    {
      name: 'model-has-no-packages',
      comment: 'No I/O, no Node, no library in the model.',
      severity: 'error',
      from: { path: '^model/' },
      to: { dependencyTypes: ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'unknown'] },
    },
    only('native-stands-alone', '^native/', '^native/'),
    only('harness', '^harness/', '^(harness|native|model/wire)/'),
    only('backends', '^backends/', '^(backends|harness|native|model/wire|model/clauses)/'),
    only(
      'reference-is-independent',
      '^backends/reference/',
      '^(backends/reference|native|model/wire)/',
      'The reference back-end is a reading of its own: it must be able to disagree with the model.',
    ),
    only('properties', '^properties/', '^(properties|harness|backends|native|model)/'),
    only('report', '^report/', '^(report|properties|harness|backends|model)/'),
    only('cli', '^cli/', '^(cli|report|properties|harness|backends|native|model)/'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
