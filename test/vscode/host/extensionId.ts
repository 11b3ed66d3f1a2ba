/** `publisher.name`, as the editor knows the extension. */
export const extensionId = 'chunk-partitioner.chunk-partitioner';
