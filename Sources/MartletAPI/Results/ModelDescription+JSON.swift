import Service

extension ModelReport {
    /// - Parameter layers: writes the layers as well.
    func write(to writer: inout JSONWriter, layers includesLayers: Bool) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("default", isDefault)
            writer.name("versions")
            writer.array { writer in
                for version in versions { version.write(to: &writer) }
            }
            latest?.writeMembers(to: &writer, layers: includesLayers)
        }
    }
}

extension ModelVersionStatus {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("version", version)
            writer.member("state", state.rawValue)
            if let failure { writer.member("reason", failure) }
        }
    }
}

extension ModelDescription {
    fileprivate func writeMembers(to writer: inout JSONWriter, layers includesLayers: Bool) {
        writer.member("version", version)
        writer.name("input")
        writer.object { writer in
            writer.member("shape", inputShape)
        }
        writer.name("preprocessing")
        preprocessing.write(to: &writer)
        writer.member("classes", classes)
        if let embeddingLayer { writer.member("embedding_layer", embeddingLayer) }
        writer.member("parameters", parameters)
        writer.member("multiply_adds", multiplyAdds)
        writer.member("digest", digest)
        if let license { writer.member("license", license) }
        if let source { writer.member("source", source) }
        writer.name("batching")
        batching.write(to: &writer)
        guard includesLayers else { return }
        writer.name("layers")
        writer.array { writer in
            for layer in layers { layer.write(to: &writer) }
        }
    }
}

extension ModelDescription.Batching {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("max_batch", maximumBatch)
            writer.member("max_delay_ms", maximumDelayMilliseconds)
            writer.member("batches", batches)
            if let millisecondsPerImage { writer.member("ms_per_image", millisecondsPerImage) }
            if let millisecondsPerBatch { writer.member("ms_per_batch", millisecondsPerBatch) }
        }
    }
}

extension ModelDescription.Preprocessing {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("width", width)
            writer.member("height", height)
            writer.member("resize", resize)
            writer.member("interpolation", interpolation)
            writer.member("crop_fraction", cropFraction)
            writer.member("color_order", colorOrder)
            writer.member("mean", mean)
            writer.member("standard_deviation", standardDeviation)
        }
    }
}

extension ModelDescription.Layer {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("operation", operation)
            writer.member("shape", outputShape)
        }
    }
}
