/** Scripts that look at the text alone: they need neither a build nor another process. */
export const textChecks = ['types', 'lint', 'format:check', 'layers'] as const;
