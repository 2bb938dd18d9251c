import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/*
 * deployWithNewResourceGroup contains the templates of deployUseExistResourceGroup, wrapped in one that first creates
 * the resource group: a template cannot include another local file. After changing those, run `node
 * test/deployment/newResourceGroup.ts`; a test compares them.
 */

export const names = ['BotApp', 'AzureBot'] as const;

const templateSchema = z.looseObject({
  metadata: z.looseObject({ description: z.string() }),
  parameters: z.record(z.string(), z.unknown()),
  outputs: z.record(z.string(), z.looseObject({ type: z.string() })),
});

const folder = fileURLToPath(new URL('../../deploymentTemplates/', import.meta.url));

/** The subscription-level template that deploys `inner` into a new resource group. Both are file contents. */
export function withNewResourceGroup(name: string, innerText: string): string {
  // Keep the order of the original.
  const template: unknown = JSON.parse(innerText);
  const inner = templateSchema.parse(template);
  const own = Object.fromEntries(Object.entries(inner.parameters).filter(([key]) => key !== 'location'));
  const deployment = `ringdown-${name}`;
  const outer = {
    $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    metadata: { description: `Makes a resource group, and in it: ${inner.metadata.description}` },
    parameters: {
      groupName: {
        type: 'string',
        minLength: 1,
        maxLength: 90,
        metadata: { description: 'Name of the resource group. One that is there already is used as it is.' },
      },
      location: {
        type: 'string',
        metadata: { description: 'Region of the resource group, and of all resources that have one.' },
      },
      ...own,
    },
    resources: [
      {
        type: 'Microsoft.Resources/resourceGroups',
        apiVersion: '2022-09-01',
        name: "[parameters('groupName')]",
        location: "[parameters('location')]",
        properties: {},
      },
      {
        type: 'Microsoft.Resources/deployments',
        apiVersion: '2022-09-01',
        name: deployment,
        resourceGroup: "[parameters('groupName')]",
        dependsOn: [
          "[subscriptionResourceId('Microsoft.Resources/resourceGroups', parameters('groupName'))]",
        ],
        properties: {
          mode: 'Incremental',
          expressionEvaluationOptions: { scope: 'inner' },
          parameters: Object.fromEntries(
            Object.keys(inner.parameters).map((key) => [key, { value: `[parameters('${key}')]` }]),
          ),
          template,
        },
      },
    ],
    outputs: Object.fromEntries(
      Object.entries(inner.outputs).map(([key, { type }]) => [
        key,
        {
          type,
          value: `[reference(extensionResourceId(format('/subscriptions/{0}/resourceGroups/{1}', subscription().subscriptionId, parameters('groupName')), 'Microsoft.Resources/deployments', '${deployment}'), '2022-09-01').outputs.${key}.value]`,
        },
      ]),
    ),
  };
  return `${JSON.stringify(outer, null, 2)}\n`;
}

export function innerPath(name: string): string {
  return join(folder, 'deployUseExistResourceGroup', `template-${name}-with-rg.json`);
}

export function outerPath(name: string): string {
  return join(folder, 'deployWithNewResourceGroup', `template-${name}-new-rg.json`);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of names) {
    writeFileSync(outerPath(name), withNewResourceGroup(name, readFileSync(innerPath(name), 'utf8')));
  }
}
