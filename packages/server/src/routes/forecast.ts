/** Routes that look ahead: the night foreseen, and what a change would do. */
import type { Definitions, JobChange } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

export function addForecastRoutes(app: FastifyInstance, { forecasts }: Services): void {
  addRoute(app, 'getForecast', async ({ input }) => forecasts.forecast(definedOnly(input.query ?? {})));
  addRoute(app, 'whatIf', async ({ input }) =>
    forecasts.whatIf(input.params.job, input.body.change as JobChange, definedOnly(input.body)),
  );
  addRoute(app, 'diffDefinitions', async ({ input }) =>
    forecasts.diff(input.body.definitions as Definitions, definedOnly(input.body)),
  );
}
