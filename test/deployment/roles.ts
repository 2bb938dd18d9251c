/**
 * Azure's built-in roles that the templates assign, by id. Source: "Azure built-in roles",
 * https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
 */
export const roles: Readonly<Record<string, string>> = {
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
  'a97b65f3-24c7-4388-baec-2e87135dc908': 'Cognitive Services User',
  '09976791-48a7-449e-bb21-39d1a415f350': 'Communication and Email Service Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
};
