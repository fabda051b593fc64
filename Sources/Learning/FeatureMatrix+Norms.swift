import Compute

extension FeatureMatrix {
    /// ‖x − mean‖² of each sample.
    func squaredDistancesFromMean(pool: ComputePool?) -> [Double] {
        [Double](unsafeUninitializedCapacity: count) { distances, initialized in
            nonisolated(unsafe) let distances = distances
            ComputePool.run(on: pool, matrix.blocks) { block, _ in
                let row = UnsafeMutableBufferPointer<Float>.allocate(capacity: features)
                defer { row.deallocate() }
                mean.withUnsafeBufferPointer { mean in
                    for sample in matrix.rows(ofBlock: block) {
                        matrix.copyRow(sample, to: row)
                        var sum = 0.0
                        for feature in 0..<mean.count {
                            let difference = Double(row[feature]) - mean[feature]
                            sum += difference * difference
                        }
                        distances.initializeElement(at: sample, to: sum)
                    }
                }
            }
            initialized = count
        }
    }
}
