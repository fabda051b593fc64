import Service

extension FineTuneOptions {
    /// The names of the options: query parameters, form fields, members of JSON.
    package static let parameters = CodingKeys.allCases.map(\.rawValue)

    /// - Parameters:
    ///   - query: goes before JSON, and may not contradict a form.
    ///   - body: the form's fields or the members of the JSON.
    package init(query: QueryParameters, body: [JobOption]) throws(Problem) {
        self.init()
        let values = try JobOptionValues(query: query, body: body, known: Self.parameters)
        func name(_ key: CodingKeys) -> String { key.rawValue }
        head = try values.string(name(.head))
        dataset = try values.string(name(.dataset))
        model = try values.string(name(.model))
        type = try values.choice(name(.type)) ?? type
        l2 = try values.number(name(.l2))
        validation = try values.number(name(.validation)) ?? validation
        seed = try values.unsigned(name(.seed)) ?? seed
        solver = try values.choice(name(.solver)) ?? solver
        stepSize = try values.number(name(.stepSize))
        iterations = try values.integer(name(.iterations))
        classWeights = try values.choice(name(.classWeights)) ?? classWeights
        standardize = try values.bool(name(.standardize)) ?? standardize
        hiddenUnits = try values.integer(name(.hiddenUnits))
        dropout = try values.number(name(.dropout))
        learningRate = try values.number(name(.learningRate))
        epochs = try values.integer(name(.epochs))
        augmentation = try values.choice(name(.augmentation)) ?? augmentation
        retain = try values.choice(name(.retain))
        promote = try values.bool(name(.promote)) ?? promote
        novelty = try values.choice(name(.novelty))
        do {
            try check()
        } catch {
            throw .invalidParameter(error.name, expected: error.expected, found: error.found)
        }
    }
}
