import Service
import Testing

@testable import MartletAPI

struct FineTuneOptionsRequestTests {
    private func options(query: String = "", json: String = "{}") throws -> FineTuneOptions {
        let upload = try LabelledUploadParser().upload(
            contentType: "application/json", body: Array(json.utf8), label: nil)
        return try FineTuneOptions(
            query: QueryParameters(query[...], known: FineTuneOptions.parameters), body: upload.options)
    }

    private func problem(query: String = "", json: String = "{}") -> Problem? {
        #expect(throws: Problem.self) { try options(query: query, json: json) }
    }

    @Test func `Nothing said is the default`() throws {
        let options = try options()
        #expect(options == FineTuneOptions())
        #expect(options.type == .logistic && options.l2 == nil && options.validation == 0.2 && options.seed == 0)
        #expect(options.solver == .lbfgs && options.classWeights == .uniform && options.standardize && options.promote)
        #expect(options.augmentation == .none && options.retain == nil && options.novelty == nil)
    }

    @Test func `All options are known by their names on the wire`() throws {
        var expected = FineTuneOptions()
        (expected.head, expected.dataset, expected.model) = ("bikes", "bikes-2", "efficientnet-lite0")
        (expected.l2, expected.validation, expected.seed) = (0.5, 0, UInt64.max)
        (expected.solver, expected.stepSize, expected.iterations) = (.gradientDescent, 0.1, 1000)
        (expected.classWeights, expected.standardize, expected.augmentation) = (.balanced, false, .crops)
        (expected.retain, expected.promote, expected.novelty) = (.embeddings, false, .nearestNeighbour)
        let json = """
            {"head": "bikes", "dataset": "bikes-2", "model": "efficientnet-lite0", "type": "logistic", "l2": 0.5,
            "validation": 0, "seed": 18446744073709551615, "solver": "gradient-descent", "step_size": 0.1,
            "iterations": 1e3, "class_weights": "balanced", "standardize": false, "augmentation": "crops",
            "retain": "embeddings", "promote": false, "novelty": "nearest-neighbour"}
            """
        #expect(try options(json: json) == expected)
        let query = """
            head=bikes&dataset=bikes-2&model=efficientnet-lite0&type=logistic&l2=0.5&validation=0&\
            seed=18446744073709551615&solver=gradient-descent&step_size=0.1&iterations=1000&class_weights=balanced&\
            standardize=false&augmentation=crops&retain=embeddings&promote=false&novelty=nearest-neighbour
            """
        #expect(try options(query: query) == expected)
    }

    @Test func `A multi-layer perceptron has options of its own`() throws {
        var expected = FineTuneOptions()
        (expected.type, expected.hiddenUnits, expected.dropout) = (.mlp, 4096, 0)
        (expected.learningRate, expected.epochs) = (1e-3, 10_000)
        let json = #"{"type": "mlp", "hidden_units": 4096, "dropout": 0, "learning_rate": 1e-3, "epochs": 10000}"#
        #expect(try options(json: json) == expected)
    }

    @Test func `The query goes before JSON, and what is null or empty says nothing`() throws {
        let json = #"{"head": "a", "l2": 2, "seed": null}"#
        let options = try options(query: "head=b&l2=&validation=0.5", json: json)
        #expect(options.head == "b" && options.l2 == 2 && options.validation == 0.5 && options.seed == 0)
    }

    @Test func `Form fields are read as the query is`() throws {
        let fields = [("seed", "7"), ("type", "logistic"), ("l2", "1e-2"), ("promote", "false"), ("model", "")]
        let options = try FineTuneOptions(
            query: .empty, body: fields.map { JobOption(name: $0.0, value: .text($0.1)) })
        #expect(options.seed == 7 && options.l2 == 0.01 && !options.promote && options.model == nil)
    }

    @Test func `An option may be given twice only where it says the same`() throws {
        #expect(try options(json: #"{"seed": 7, "seed": 7}"#).seed == 7)
        #expect(problem(json: #"{"seed": 7, "seed": 8}"#)?.type == .invalidParameter)
        #expect(problem(json: #"{"l2": null, "l2": 8}"#)?.type == .invalidParameter)
        #expect(problem(query: "seed=7&seed=8")?.type == .invalidParameter)
    }

    @Test func `A form's field may not say something else than the query`() throws {
        let query = try QueryParameters("seed=7", known: FineTuneOptions.parameters)
        func options(_ seed: String) throws -> FineTuneOptions {
            try FineTuneOptions(query: query, body: [JobOption(name: "seed", value: .text(seed))])
        }
        #expect(try options("7").seed == 7 && options("").seed == 7)
        let problem = #expect(throws: Problem.self) { try options("8") }
        #expect(problem?.type == .invalidParameter)
        #expect(problem?.detail == "'seed' is '7' in the query and '8' in the form; give it once.")
    }

    @Test func `An unknown member is refused by its name`() {
        let problem = problem(json: #"{"head": "a", "learning-rate": 7}"#)
        #expect(problem?.type == .unknownParameter)
        #expect(problem?.detail.hasPrefix("There is no option 'learning-rate'; expected head, dataset, ") == true)
        #expect(self.problem(query: "l1=7")?.type == .unknownParameter)
    }

    @Test(arguments: [
        (#""l2": "0.1""#, "'l2' must be a number; found '\"0.1\"'."),
        (#""l2": -1"#, "'l2' must be a finite number from 0 on; found '-1.0'."),
        (#""l2": 1e999"#, "'l2' must be a finite number from 0 on; found 'inf'."),
        (#""l2": []"#, "'l2' must be a number; found 'an array'."),
        (#""validation": 0.91"#, "'validation' must be a number from 0 to 0.9; found '0.91'."),
        (#""validation": 1"#, "'validation' must be a number from 0 to 0.9; found '1.0'."),
        (#""seed": -1"#, "'seed' must be a whole number from 0 to 18446744073709551615; found '-1'."),
        (#""seed": 0.5"#, "'seed' must be a whole number from 0 to 18446744073709551615; found '0.5'."),
        (#""head": 7"#, "'head' must be a string; found '7'."),
        (
            #""head": "a b""#,
            "'head' must be 1 to 64 of the characters A-Z, a-z, 0-9, '.', '_' and '-', the first a letter or digit; found 'a b'."
        ),
        (#""type": "svm""#, "'type' must be one of logistic, mlp; found '\"svm\"'."),
        (#""type": 7"#, "'type' must be one of logistic, mlp; found '7'."),
        (#""promote": "true""#, "'promote' must be true or false; found '\"true\"'."),
        (#""promote": {}"#, "'promote' must be true or false; found 'an object'."),
        (#""iterations": 0"#, "'iterations' must be a whole number from 1 to 100000; found '0'."),
        (#""iterations": 100001"#, "'iterations' must be a whole number from 1 to 100000; found '100001'."),
        (
            #""type": "mlp", "hidden_units": 4097"#,
            "'hidden_units' must be a whole number from 1 to 4096; found '4097'."
        ),
        (#""type": "mlp", "dropout": 1"#, "'dropout' must be a number from 0 to less than 1; found '1.0'."),
        (#""type": "mlp", "learning_rate": 0"#, "'learning_rate' must be a finite number above 0; found '0.0'."),
        (#""type": "mlp", "epochs": 10001"#, "'epochs' must be a whole number from 1 to 10000; found '10001'."),
        (#""hidden_units": 10"#, "'hidden_units' must be left out unless 'type' is 'mlp'; found '10'."),
        (
            #""type": "mlp", "iterations": 10"#,
            "'iterations' must be left out where 'type' is 'mlp': see 'epochs'; found '10'."
        ),
        (#""step_size": 1"#, "'step_size' must be left out unless 'solver' is 'gradient-descent'; found '1.0'."),
    ])
    func `A value that cannot be followed is refused, saying what could`(member: String, detail: String) {
        let problem = problem(json: "{\(member)}")
        #expect(problem?.type == .invalidParameter && problem?.detail == detail)
    }

    @Test(arguments: ["l2=nan", "l2=inf", "l2=0x1", "seed=%2B7", "seed=1.5", "promote=yes", "type=MLP", "head=a%00b"])
    func `Text that only resembles a value is refused`(query: String) {
        #expect(problem(query: query)?.type == .invalidParameter)
    }
}
