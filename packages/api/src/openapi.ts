/** The route table as an OpenAPI 3.1 document. Made once, when it is first asked for. */
import type { TObject } from 'typebox';
import type { RouteDefinition } from './routes.js';
import { ROUTES, SHARED_PROBLEMS } from './routes.js';
import { PROBLEM_STATUS, PROBLEM_TYPE, ProblemSchema } from './schemas/problem.js';

type Plain = Readonly<Record<string, unknown>>;

/** The OpenAPI document of all routes; `version` is the server's. */
export function createOpenapi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, Plain>> = {};
  for (const [operationId, route] of Object.entries<RouteDefinition>(ROUTES)) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(operationId, route) };
  }
  return plain({
    openapi: '3.1.0',
    info: { title: 'Hera', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      schemas: { Problem: ProblemSchema },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'hera_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  }) as Record<string, unknown>;
}

function operationOf(operationId: string, route: RouteDefinition): Plain {
  const parameters = [
    ...parametersOf('path', route.params),
    ...parametersOf('query', route.query),
    ...parametersOf('header', route.headers),
  ];
  return {
    operationId,
    summary: route.summary,
    security: route.access === 'anyone' ? [] : [{ session: [] }, { token: [] }],
    'x-hera-access': route.access,
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: { required: true, content: { 'application/json': { schema: route.body } } },
    }),
    responses: { [route.response.status]: successOf(route), ...problemsOf(route) },
  };
}

function parametersOf(place: 'path' | 'query' | 'header', schema: TObject | undefined): Plain[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: required.has(name),
    schema: property,
  }));
}

function successOf({ response }: RouteDefinition): Plain {
  const headers = Object.entries(response.headers?.properties ?? {});
  const schema = response.schema ?? { type: 'string' };
  return {
    description: 'Done, or accepted',
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map(([name, property]) => [name, { schema: property }])),
    }),
    content: { [response.type]: { schema } },
  };
}

/** One answer for each status, naming the codes that come with it. */
function problemsOf(route: RouteDefinition): Record<string, Plain> {
  const answers: Record<string, Plain> = {};
  const codes = [...new Set([...route.problems, ...SHARED_PROBLEMS])];
  for (const status of new Set(codes.map((code) => PROBLEM_STATUS[code]))) {
    const ofStatus = codes.filter((code) => PROBLEM_STATUS[code] === status);
    answers[status] = {
      description: ofStatus.join(', '),
      content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return answers;
}

/** Without what JSON does not carry: schemas hold hidden keys that only their library reads. */
const plain = (value: Plain): unknown => JSON.parse(JSON.stringify(value));
