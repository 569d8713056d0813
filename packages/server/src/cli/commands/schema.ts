/** `hera schema`: the JSON Schema of definition files. */
import { FILE_SCHEMA } from '@hera/core';
import type { CommandFunction } from '../../terminal/command.js';

export const printSchema: CommandFunction<object> = async ({ terminal }) => {
  terminal.line(JSON.stringify(FILE_SCHEMA, null, 2));
};
