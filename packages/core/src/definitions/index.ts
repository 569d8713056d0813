/** Definition files: their schema, and everything that can be known of them without running them. */
export { mergeDefinitions } from './merge.js';
export type { DefinitionPart, MergedDefinitions } from './merge.js';
export { normalizeDefinitions } from './normalize.js';
export { parsePath, pathText } from './path.js';
export type { PathStep } from './path.js';
export { previewScript } from './preview.js';
export type { PreviewOptions, ScriptPreview } from './preview.js';
export { DEFINITIONS_SCHEMA, FILE_SCHEMA, FORMAT_VERSION } from './schema.js';
export type { JsonSchema } from './json-schema.js';
export { didYouMean } from './suggest.js';
export { definitionWarnings, validateDefinitions } from './validate.js';
export type { ValidateOptions } from './validate.js';
export { validateShape } from './validate-shape.js';
