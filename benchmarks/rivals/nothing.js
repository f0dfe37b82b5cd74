// SPDX-License-Identifier: Apache-2.0
// Stands for the database client that EmbeddingView imports and does not use when it is given columns.
export const coordinator = undefined;
export const isSelection = () => false;
export const makeClient = undefined;
